package io.diffusionad.app.onnx;

import io.diffusionad.app.onnx.OnnxLayers.Feature;
import io.diffusionad.nn.UNet;
import io.diffusionad.nn.UNetConfig;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The reconstruction network as ONNX nodes (SPEC §5). */
final class UNetGraph {
    private static final double MAX_PERIOD = 10000;

    private final OnnxLayers layers;
    private final UNetConfig config;
    private String time; // (N, 4·base) after SiLU, as every block reads it

    UNetGraph(OnnxGraph graph, UNet network, String prefix) {
        this.layers = new OnnxLayers(graph, network.parameters(), prefix);
        this.config = network.config();
    }

    /**
     * @param x name of the noised images (N, 3, H, W)
     * @param t name of the timesteps (N) int64
     * @return name of the predicted noise
     */
    String build(String x, String t) {
        time = layers.silu(
                layers.linear(layers.silu(layers.linear(sinusoids(t), "time_embedding.1")), "time_embedding.3"));
        Deque<Feature> skips = new ArrayDeque<>();
        Feature h = layers.convolution(
                new Feature(x, config.inChannels(), config.imageSize(), config.imageSize()), "down.0.0", 1);
        skips.push(h);
        h = down(h, skips);
        h = block(h, "middle.0");
        h = layers.attention(h, "middle.1", config.headsFor(h.channels()));
        h = up(block(h, "middle.2"), skips);
        return layers.convolution(layers.silu(layers.groupNorm(h, "out.0")), "out.2", 1)
                .value();
    }

    private Feature down(Feature x, Deque<Feature> skips) {
        Feature h = x;
        int number = 1;
        for (int level = 0; level < config.levels(); level++) {
            for (int block = 0; block < config.resBlocks(); block++, number++) {
                h = attended(block(h, "down." + number + ".0"), "down." + number + ".1", level);
                skips.push(h);
            }
            if (level < config.levels() - 1) {
                String name = "down." + number++ + ".0";
                h = config.bigganUpDown() ? resampled(h, name, false) : layers.convolution(h, name + ".downsample", 2);
                skips.push(h);
            }
        }
        return h;
    }

    private Feature up(Feature x, Deque<Feature> skips) {
        Feature h = x;
        int number = 0;
        for (int level = config.levels() - 1; level >= 0; level--) {
            for (int block = 0; block <= config.resBlocks(); block++, number++) {
                h = attended(block(layers.concat(h, skips.pop()), "up." + number + ".0"), "up." + number + ".1", level);
                if (level > 0 && block == config.resBlocks()) {
                    String name = "up." + number + "." + (config.attentionAt(1 << level) ? 2 : 1);
                    h = config.bigganUpDown()
                            ? resampled(h, name, true)
                            : layers.convolution(layers.upNearest(h), name + ".conv", 1);
                }
            }
        }
        return h;
    }

    private Feature attended(Feature x, String name, int level) {
        return config.attentionAt(1 << level) ? layers.attention(x, name, config.headsFor(x.channels())) : x;
    }

    private Feature block(Feature x, String name) {
        return block(x, layers.silu(layers.groupNorm(x, name + ".in_layers.0")), name);
    }

    /** A block that halves or doubles the resolution of both branches before its first convolution. */
    private Feature resampled(Feature x, String name, boolean up) {
        Feature h = layers.silu(layers.groupNorm(x, name + ".in_layers.0"));
        return up
                ? block(layers.upNearest(x), layers.upNearest(h), name)
                : block(layers.downAverage(x), layers.downAverage(h), name);
    }

    private Feature block(Feature skip, Feature activated, String name) {
        Feature h = layers.convolution(activated, name + ".in_layers.2", 1);
        String channelBias = layers.graph()
                .node(
                        "Unsqueeze",
                        List.of(
                                layers.linear(time, name + ".embed_layers.1"),
                                layers.graph().longs(2, 3)));
        h = h.with(layers.graph().node("Add", List.of(h.value(), channelBias)));
        h = layers.convolution(layers.silu(layers.groupNorm(h, name + ".out_layers.0")), name + ".out_layers.3", 1);
        return layers.add(
                h,
                layers.has(name + ".skip_connection.weight")
                        ? layers.convolution(skip, name + ".skip_connection", 1)
                        : skip);
    }

    /** (N) int64 to (N, base): sines, then cosines. */
    private String sinusoids(String t) {
        OnnxGraph graph = layers.graph();
        int half = config.baseChannels() / 2;
        float[] frequencies = new float[half];
        for (int i = 0; i < half; i++) {
            frequencies[i] = (float) Math.exp(-i * Math.log(MAX_PERIOD) / half);
        }
        String column = graph.node(
                "Unsqueeze", List.of(graph.node("Cast", List.of(t), OnnxGraph.integer("to", 1)), graph.longs(1)));
        String angles =
                graph.node("Mul", List.of(column, graph.floats("frequencies", new int[] {1, half}, frequencies)));
        return graph.node(
                "Concat",
                List.of(graph.node("Sin", List.of(angles)), graph.node("Cos", List.of(angles))),
                OnnxGraph.integer("axis", 1));
    }
}
