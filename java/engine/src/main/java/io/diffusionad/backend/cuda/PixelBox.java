package io.diffusionad.backend.cuda;

/**
 * The 128 output pixels that a block of {@code kernels/conv_gather_wgmma.cu} computes: a box of width × height × samples, each a power of two.
 *
 * @param logWidth, logHeight, logSamples base-2 logarithms
 */
record PixelBox(int logWidth, int logHeight, int logSamples) {
    private static final int LOG_PIXELS = 7;

    /** The shape that covers the output with the fewest boxes; of several the widest, whose rows in memory are longest. */
    static PixelBox of(GatherProblem problem) {
        PixelBox best = null;
        for (int width = LOG_PIXELS; width >= 0; width--) {
            for (int height = LOG_PIXELS - width; height >= 0; height--) {
                PixelBox box = new PixelBox(width, height, LOG_PIXELS - width - height);
                if (best == null || box.count(problem) < best.count(problem)) {
                    best = box;
                }
            }
        }
        return best;
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
        return (long) ConvolutionKernel.ceilDiv(problem.q(), width()) * ConvolutionKernel.ceilDiv(problem.p(), height())
                * ConvolutionKernel.ceilDiv(problem.n(), samples());
    }
}
