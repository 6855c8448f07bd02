package io.diffusionad.backend.cuda;

import java.util.List;

/**
 * A convolution's gradient by the weight, as {@code kernels/conv_arguments.cuh} defines it.
 *
 * @param n samples; @param h, w, c the rows, columns and channels of x; @param p, q, k those of dy
 * @param stride pixels of x between neighbouring pixels of dy
 */
record WeightsProblem(int n, int h, int w, int c, int p, int q, int k, int kernel, int stride)
        implements TunableProblem<WeightsKernel> {
    /** Pixels that a step of the kernels without tensor maps takes at most. */
    static final int PIXEL_TILE = 32;
    /** Pixels whose products the tensor cores add in one instruction. */
    private static final int INSTRUCTION_PIXELS = 16;
    /**
     * Blocks that fill a large card; the reduction over pixels is split until there are about as many. A constant, so
     * that bits do not depend on the card.
     */
    private static final int ENOUGH_BLOCKS = 256;

    private static final int LEAST_PIXELS_A_SPLIT = 512;

    /**
     * How the reduction is split over blocks, in order.
     *
     * @param pixels of each split but the last, which may have fewer
     */
    record Split(int count, long pixels) {}

    int taps() {
        return kernel * kernel;
    }

    long pixels() {
        return (long) n * p * q;
    }

    /** Pixels that one load of the copy engine brings. */
    PixelBox box() {
        return PixelBox.inOrder(p, q, WeightsKernel.LOG_WGMMA_PIXELS);
    }

    /**
     * Whether the pixels that meet in one instruction are the same ones in the order of memory and in boxes, whose gaps
     * (beyond the end of a row, or of an image) are zeros: rows of whole instructions, or rows without gaps in images
     * of whole instructions or without gaps. Only then may kernels of both kinds give the same bits.
     */
    boolean boxesKeepTogether() {
        boolean wholeImages = (long) p * q % INSTRUCTION_PIXELS == 0 || Integer.bitCount(p) == 1;
        return q % INSTRUCTION_PIXELS == 0 || Integer.bitCount(q) == 1 && wholeImages;
    }

    /**
     * A function of the problem and of the blocks of the kernel that computes it on every card; where boxes could be
     * used, splits start at boxes on all cards.
     */
    Split split(WeightsKernel kernelOfAllCards) {
        long unit = boxesKeepTogether() ? box().shortestRun(p, q).pixels() : PIXEL_TILE;
        long wanted =
                Math.max(1, Math.min(ENOUGH_BLOCKS / kernelOfAllCards.blocks(this), pixels() / LEAST_PIXELS_A_SPLIT));
        long pixelsPerSplit = (pixels() + wanted * unit - 1) / (wanted * unit) * unit;
        return new Split((int) ((pixels() + pixelsPerSplit - 1) / pixelsPerSplit), pixelsPerSplit);
    }

    /** Boxes that a split's pixels are, where boxes can be used. */
    int boxes(Split split) {
        PixelBox.Run run = box().shortestRun(p, q);
        return Math.toIntExact(split.pixels() / run.pixels() * run.boxes());
    }

    @Override
    public WeightsKernel estimate(List<WeightsKernel> kernels, int multiprocessors) {
        return kernels.get(0);
    }

    @Override
    public String key() {
        return n + "x" + h + "x" + w + "x" + c + "_" + p + "x" + q + "x" + k + "_k" + kernel + "s" + stride;
    }
}
