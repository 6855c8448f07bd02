package io.diffusionad.testkit.libtorch;

import io.diffusionad.nn.UNetConfig;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The reconstruction network on LibTorch, from SPEC §5: an oracle for ours, and its peer in benchmarks.
 *
 * @param <T> what its layers compute with
 */
public final class TorchUNet<T> {
    private enum Resize {
        NONE,
        HALVE,
        DOUBLE
    }

    private final UNetConfig config;
    private final Layers<T> layers;

    public TorchUNet(UNetConfig config, Layers<T> layers) {
        this.config = config;
        this.layers = layers;
    }

    /**
     * @param x (N, 3, H, W)
     * @param t timesteps (N), float or double whatever the parameters' type
     * @return (N, 3, H, W)
     */
    public T forward(T x, T t) {
        T time = timeEmbedding(t);
        Deque<T> skips = new ArrayDeque<>();
        int stage = 0;
        T h = layers.convolution("down." + stage++ + ".0", x, 1);
        skips.push(h);
        for (int level = 0; level < config.levels(); level++) {
            for (int block = 0; block < config.resBlocks(); block++) {
                h = blockAndAttention("down." + stage++, h, time);
                skips.push(h);
            }
            if (level < config.levels() - 1) {
                String prefix = "down." + stage++ + ".0";
                h = config.bigganUpDown()
                        ? residualBlock(prefix, h, time, Resize.HALVE)
                        : layers.convolution(prefix + ".downsample", h, 2);
                skips.push(h);
            }
        }
        h = residualBlock("middle.0", h, time, Resize.NONE);
        h = attention("middle.1", h);
        h = residualBlock("middle.2", h, time, Resize.NONE);
        stage = 0;
        for (int level = config.levels() - 1; level >= 0; level--) {
            for (int block = 0; block <= config.resBlocks(); block++) {
                String prefix = "up." + stage++;
                h = blockAndAttention(prefix, layers.concatenated(h, skips.pop()), time);
                if (level > 0 && block == config.resBlocks()) {
                    String last = prefix + (isAttention(prefix + ".1") ? ".2" : ".1");
                    h = config.bigganUpDown()
                            ? residualBlock(last, h, time, Resize.DOUBLE)
                            : layers.convolution(last + ".conv", layers.doubled(h), 1);
                }
            }
        }
        return layers.convolution("out.2", layers.silu(layers.groupNorm("out.0", h)), 1);
    }

    private T timeEmbedding(T t) {
        int half = config.baseChannels() / 2;
        double[] frequencies = new double[half];
        for (int i = 0; i < half; i++) {
            frequencies[i] = Math.exp(-i * Math.log(10000) / half);
        }
        T waves = layers.waves(t, frequencies, "time_embedding.1.weight");
        return layers.linear("time_embedding.3", layers.silu(layers.linear("time_embedding.1", waves)));
    }

    private T blockAndAttention(String prefix, T x, T time) {
        T h = residualBlock(prefix + ".0", x, time, Resize.NONE);
        return isAttention(prefix + ".1") ? attention(prefix + ".1", h) : h;
    }

    private boolean isAttention(String prefix) {
        return layers.parameters().has(prefix + ".norm.weight");
    }

    private T residualBlock(String prefix, T x, T time, Resize resize) {
        return layers.part(() -> {
            T activated = resized(layers.silu(layers.groupNorm(prefix + ".in_layers.0", x)), resize);
            T h = layers.convolution(prefix + ".in_layers.2", activated, 1);
            h = layers.shifted(h, layers.linear(prefix + ".embed_layers.1", layers.silu(time)));
            h = layers.convolution(
                    prefix + ".out_layers.3", layers.silu(layers.groupNorm(prefix + ".out_layers.0", h)), 1);
            T skip = resized(x, resize);
            return layers.sum(
                    h,
                    layers.parameters().has(prefix + ".skip_connection.weight")
                            ? layers.convolution(prefix + ".skip_connection", skip, 1)
                            : skip);
        });
    }

    private T resized(T x, Resize resize) {
        return switch (resize) {
            case NONE -> x;
            case HALVE -> layers.halved(x);
            case DOUBLE -> layers.doubled(x);
        };
    }

    /** Channels head-major: (head, [q, k, v], d). */
    private T attention(String prefix, T x) {
        return layers.part(() -> {
            long channels = layers.parameters().get(prefix + ".norm.weight").size(0);
            long heads = config.headsFor((int) channels);
            long d = channels / heads;
            T normalised = layers.tokens(layers.groupNorm(prefix + ".norm", x));
            T qkv = layers.byHead(layers.pointwise(prefix + ".to_qkv", normalised), heads);
            double scale = Math.pow(d, -0.25);
            T q = layers.scaled(layers.narrowed(qkv, 0, d), scale);
            T k = layers.scaled(layers.narrowed(qkv, d, d), scale);
            T weights = layers.softmax(layers.product(layers.transposed(q), k));
            T attended = layers.product(layers.narrowed(qkv, 2 * d, d), layers.transposed(weights));
            return layers.sum(
                    x,
                    layers.shapedLike(
                            layers.pointwise(prefix + ".proj_out", layers.shapedLike(attended, normalised)), x));
        });
    }
}
