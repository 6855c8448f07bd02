package io.diffusionad.testkit.libtorch;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The segmentation network on LibTorch, from SPEC §6.
 *
 * @param <T> what its layers compute with
 */
public final class TorchSegmentation<T> {
    private static final int ENCODER_BLOCKS = 6;
    private static final String[] DECODER_STEPS = {"_b", "1", "2", "3", "4"};

    private final Layers<T> layers;

    public TorchSegmentation(Layers<T> layers) {
        this.layers = layers;
    }

    /**
     * @param x (N, 6, H, W)
     * @param training whether the batch's statistics normalise, and move the running ones in place
     * @return probabilities (N, 1, H, W)
     */
    public T forward(T x, boolean training) {
        Deque<T> skips = new ArrayDeque<>();
        T h = x;
        for (int block = 1; block <= ENCODER_BLOCKS; block++) {
            h = pair("encoder_segment.block" + block, block == 1 ? h : layers.pooled(h), training);
            skips.push(h);
        }
        skips.pop();
        for (String step : DECODER_STEPS) {
            T up = unit("decoder_segment.up" + step, 1, layers.enlarged(h), training);
            h = pair("decoder_segment.db" + step, layers.concatenated(up, skips.pop()), training);
        }
        return layers.sigmoid(layers.convolution("decoder_segment.fin_out.0", h, 1));
    }

    private T pair(String prefix, T x, boolean training) {
        return unit(prefix, 3, unit(prefix, 0, x, training), training);
    }

    private T unit(String prefix, int number, T x, boolean training) {
        return layers.part(() -> layers.relu(layers.batchNorm(
                prefix + "." + (number + 1), layers.convolution(prefix + "." + number, x, 1), training)));
    }
}
