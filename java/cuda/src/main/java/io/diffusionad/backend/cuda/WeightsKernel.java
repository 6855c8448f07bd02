package io.diffusionad.backend.cuda;

import java.util.List;

import static io.diffusionad.backend.cuda.ConvolutionKernel.ceilDiv;

/**
 * A compiled kernel of a convolution's gradient by the weight ({@code kernels/conv_weights_*.cu}).
 *
 * @param tileK rows of dw, output channels, that a block computes
 * @param tileC its columns: input channels of one tap, or where {@code flattened} of (tap, channel)
 */
record WeightsKernel(
        String name, int tileK, int tileC, boolean flattened, int threads, int sharedBytes, boolean tensorMaps)
        implements TunableKernel {
    private static final int MMA_STAGES = 4;
    /** Pixels that a step of the kernels with tensor maps takes. */
    static final int LOG_WGMMA_PIXELS = 6;

    /** bfloat16 on Hopper's warpgroups, fed by its copy engine. */
    static final List<WeightsKernel> BF16_WGMMA = List.of(
            wgmma("conv_weights_wgmma_128x256", 256, 4),
            wgmma("conv_weights_wgmma_128x128", 128, 3),
            wgmma("conv_weights_wgmma_128x64", 64, 4));

    static final WeightsKernel TF32 = new WeightsKernel("conv_weights_tf32_64", 64, 64, false, 128, 0, false);

    /** bfloat16 on the tensor cores of every card that has them: large tiles where there are channels for them. */
    static WeightsKernel bf16(WeightsProblem problem) {
        int tile = problem.k() >= 128 && problem.c() >= 128 ? 128 : 64;
        int pixelBytes = 2 * 2 * tile;
        return new WeightsKernel(
                "conv_weights_bf16_" + tile,
                tile,
                tile,
                false,
                128,
                MMA_STAGES * WeightsProblem.PIXEL_TILE * pixelBytes,
                false);
    }

    /** Float32 arithmetic, for every size and type. Between float32 tensors there is a tile for few output channels. */
    static WeightsKernel ffma(boolean dyF32, boolean xF32, int outputChannels) {
        boolean narrow = dyF32 && xF32 && outputChannels <= ConvolutionKernel.NARROW;
        String name =
                "conv_weights_ffma_" + (narrow ? "narrow_" : "") + (dyF32 ? "f32" : "bf16") + (xF32 ? "_f32" : "_bf16");
        return new WeightsKernel(name, narrow ? ConvolutionKernel.NARROW : 64, 64, true, 128, 0, false);
    }

    private static WeightsKernel wgmma(String name, int tileC, int stages) {
        int stageBytes = (128 + tileC) * 2 << LOG_WGMMA_PIXELS;
        return new WeightsKernel(name, 128, tileC, false, 288, stages * stageBytes + 1024, true);
    }

    /** Whether this kernel can do a problem that its family can. */
    boolean canImplement(WeightsProblem problem) {
        return !tensorMaps || problem.boxesKeepTogether();
    }

    /** Blocks of one split. */
    long blocks(WeightsProblem problem) {
        int taps = problem.taps();
        int c = problem.c();
        return (long) ceilDiv(problem.k(), tileK) * (flattened ? ceilDiv(taps * c, tileC) : taps * ceilDiv(c, tileC));
    }
}
