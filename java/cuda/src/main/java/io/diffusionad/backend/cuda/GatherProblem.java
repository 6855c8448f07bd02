package io.diffusionad.backend.cuda;

import java.util.List;

/**
 * A convolution in gather form, as {@code kernels/conv_arguments.cuh} defines it: forward, or the gradient by the input
 * as a convolution over dy.
 *
 * @param n samples; @param h, w, c the input's rows, columns and channels; @param p, q, k the output's
 * @param stride input pixels between neighbouring output pixels
 * @param divide base-2 logarithm of the output pixels between neighbouring input pixels
 */
record GatherProblem(int n, int h, int w, int c, int p, int q, int k, int kernel, int stride, int divide)
        implements TunableProblem<ConvolutionKernel> {
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
     * Over how many blocks the reduction of one output is spread. Small maps have too few outputs to fill a card. A
     * function of the layer's geometry alone, taken for the two samples of a single one-step inference: neither the
     * batch size, nor the card, nor the tile shape changes where sums are cut, hence none of them changes a bit of the
     * result. (At large batches the split costs about 2 % of the network's time.)
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

    /**
     * The least cost: full waves of blocks times the work of a tile; large tiles read less per product, small ones fill
     * the card better.
     */
    @Override
    public ConvolutionKernel estimate(List<ConvolutionKernel> kernels, int multiprocessors) {
        ConvolutionKernel best = kernels.get(0);
        double bestCost = Double.POSITIVE_INFINITY;
        for (ConvolutionKernel kernel : kernels) {
            double area = (double) kernel.tileM() * kernel.tileN();
            long blocks = kernel.blocks(pixels(), k) * splits(kernel);
            long together = multiprocessors * Math.max(1, Math.round((256.0 * 128) / area));
            double waves = Math.ceil((double) blocks / together);
            double cost =
                    waves * (1 + 24.0 / Math.min(kernel.tileM(), kernel.tileN())) * area * together / multiprocessors;
            if (cost < bestCost) {
                best = kernel;
                bestCost = cost;
            }
        }
        return best;
    }

    @Override
    public String key() {
        return n + "x" + h + "x" + w + "x" + c + "_" + p + "x" + q + "x" + k + "_k" + kernel + "s" + stride + "d"
                + divide;
    }
}
