package io.diffusionad.app.onnx;

import io.diffusionad.app.onnx.OnnxLayers.Feature;
import io.diffusionad.nn.SegmentationNetwork;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The segmentation network in evaluation mode as ONNX nodes (SPEC §6). */
final class SegmentationGraph {
    private static final int BLOCKS = 6;
    private static final List<String> STEPS = List.of("_b", "1", "2", "3", "4");

    private final OnnxLayers layers;
    private final int channels;

    SegmentationGraph(OnnxGraph graph, SegmentationNetwork network, String prefix) {
        this.layers = new OnnxLayers(graph, network.parameters(), prefix);
        this.channels = network.config().inChannels();
    }

    /** @param x name of the pairs (N, 6, size, size) @return name of the probabilities (N, 1, size, size) */
    String build(String x, int size) {
        Deque<Feature> skips = new ArrayDeque<>();
        Feature h = new Feature(x, channels, size, size);
        for (int block = 1; block <= BLOCKS; block++) {
            String name = "encoder_segment.block" + block;
            h = block == 1 ? h : layers.downMaximum(h);
            h = unit(unit(h, name + ".0", name + ".1"), name + ".3", name + ".4");
            if (block < BLOCKS) {
                skips.push(h);
            }
        }
        for (String step : STEPS) {
            String up = "decoder_segment.up" + step;
            String pair = "decoder_segment.db" + step;
            h = layers.concat(unit(layers.upBilinear(h), up + ".1", up + ".2"), skips.pop());
            h = unit(unit(h, pair + ".0", pair + ".1"), pair + ".3", pair + ".4");
        }
        return layers.graph()
                .node(
                        "Sigmoid",
                        List.of(layers.convolution(h, "decoder_segment.fin_out.0", 1)
                                .value()));
    }

    private Feature unit(Feature x, String convolution, String norm) {
        return layers.relu(layers.batchNorm(layers.convolution(x, convolution, 1), norm));
    }
}
