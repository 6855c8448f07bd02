package io.diffusionad.backend.cuda;

/**
 * Output pixels that one load of the copy engine brings to a block ({@code kernels/conv_pixel_box.cuh}): a box of width
 * × height × samples, each a power of two.
 *
 * @param logWidth, logHeight, logSamples base-2 logarithms
 */
record PixelBox(int logWidth, int logHeight, int logSamples) {
    private static final int LOG_GATHER_PIXELS = 7;

    /**
     * The shape of 128 pixels that covers the output with the fewest boxes; of several the widest, whose rows in memory
     * are longest.
     */
    static PixelBox of(GatherProblem problem) {
        PixelBox best = null;
        for (int width = LOG_GATHER_PIXELS; width >= 0; width--) {
            for (int height = LOG_GATHER_PIXELS - width; height >= 0; height--) {
                PixelBox box = new PixelBox(width, height, LOG_GATHER_PIXELS - width - height);
                if (best == null || box.count(problem) < best.count(problem)) {
                    best = box;
                }
            }
        }
        return best;
    }

    /**
     * The shape that visits pixels in their order in memory, one box after another: it has several rows only if it is
     * as wide as the image, and several samples only if it is as high too.
     *
     * @param p, q rows and columns of an image
     */
    static PixelBox inOrder(int p, int q, int logPixels) {
        int width = Math.min(logPixels, ceilLog2(q));
        int height = Math.min(logPixels - width, ceilLog2(p));
        return new PixelBox(width, height, logPixels - width - height);
    }

    private static int ceilLog2(int value) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(value - 1);
    }

    int width() {
        return 1 << logWidth;
    }

    int height() {
        return 1 << logHeight;
    }

    int samples() {
        return 1 << logSamples;
    }

    /** Boxes that cover the output. */
    long count(GatherProblem problem) {
        return count(problem.n(), problem.p(), problem.q());
    }

    /** Boxes that cover n images of p x q pixels. */
    long count(int n, int p, int q) {
        return (long) ConvolutionKernel.ceilDiv(q, width())
                * ConvolutionKernel.ceilDiv(p, height())
                * ConvolutionKernel.ceilDiv(n, samples());
    }

    /** Consecutive pixels in the order of memory, and how many boxes cover them and nothing else. */
    record Run(long pixels, int boxes) {}

    /** The shortest run of an {@link #inOrder} box: one box, or one row or image where boxes reach beyond its end. */
    Run shortestRun(int p, int q) {
        if (q > width()) {
            return q % width() == 0 ? new Run(width(), 1) : new Run(q, ConvolutionKernel.ceilDiv(q, width()));
        }
        if (p > height()) {
            return p % height() == 0
                    ? new Run((long) q * height(), 1)
                    : new Run((long) q * p, ConvolutionKernel.ceilDiv(p, height()));
        }
        return new Run((long) q * p * samples(), 1);
    }
}
