package io.diffusionad.backend.cuda;

/**
 * A convolution in gather form, as {@code kernels/conv_arguments.cuh} defines it: forward, or the gradient by the input as a convolution over dy.
 *
 * @param n samples; @param h, w, c the input's rows, columns and channels; @param p, q, k the output's
 * @param stride input pixels between neighbouring output pixels
 * @param divide base-2 logarithm of the output pixels between neighbouring input pixels
 */
record GatherProblem(int n, int h, int w, int c, int p, int q, int k, int kernel, int stride, int divide) {
    /** Blocks of 64x64 outputs below which a layer's reduction is split. */
    private static final int ENOUGH_BLOCKS = 128;
    private static final int LEAST_STEPS_A_SPLIT = 8;
    private static final int MOST_SPLITS = 16;

    int taps() {
        return kernel * kernel;
    }

    int padding() {
        return kernel / 2;
    }

    long pixels() {
        return (long) n * p * q;
    }

    /** Whether it is a plain matrix product: one tap, every pixel from its own. */
    boolean isProduct() {
        return kernel == 1 && stride == 1 && divide == 0;
    }

    /**
     * Over how many blocks the reduction of one output is spread. Small maps have too few outputs to fill a card. A function of the layer's
     * geometry alone, taken for the two samples of a single one-step inference: neither the batch size, nor the card, nor the tile shape changes
     * where sums are cut, hence none of them changes a bit of the result. (At large batches the split costs about 2 % of the network's time.)
     */
    int splits(ConvolutionKernel tile) {
        int steps = tile.steps(taps(), c);
        long blocks = (2L * p * q + 63) / 64 * ConvolutionKernel.ceilDiv(k, 64);
        int wanted = (int) Math.min(ENOUGH_BLOCKS / blocks, Math.min(MOST_SPLITS, steps / LEAST_STEPS_A_SPLIT));
        return wanted <= 1 ? 1 : ConvolutionKernel.ceilDiv(steps, stepsPerSplit(steps, wanted));
    }

    int stepsPerSplit(ConvolutionKernel tile) {
        int steps = tile.steps(taps(), c);
        return stepsPerSplit(steps, splits(tile));
    }

    private static int stepsPerSplit(int steps, int splits) {
        return ConvolutionKernel.ceilDiv(steps, splits);
    }

    /** For tables and caches. */
    String key() {
        return n + "x" + h + "x" + w + "x" + c + "_" + p + "x" + q + "x" + k + "_k" + kernel + "s" + stride + "d" + divide;
    }
}
