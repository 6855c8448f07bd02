package io.diffusionad.backend.cuda;

import java.util.List;

/**
 * A compiled convolution kernel of the gather form (forward and gradient by the input;
 * {@code kernels/conv_gather_*.cu}).
 *
 * @param tileM output pixels a block
 * @param tileN output channels a block
 * @param reductionTile steps of the reduction: channels of one tap, or flattened (tap, channel) where {@code flattened}
 * @param outputF32 whether it writes float32
 */
record ConvolutionKernel(
        String name,
        int tileM,
        int tileN,
        int threads,
        int sharedBytes,
        int reductionTile,
        boolean flattened,
        boolean outputF32,
        boolean tensorMaps)
        implements TunableKernel {
    private static final int STAGES = 4;

    /** bfloat16 on tensor cores, largest tile first. All give the same bits. */
    static final List<ConvolutionKernel> BF16 = List.of(
            mma("conv_gather_bf16_256x128", 256, 128, 256, 32, false),
            mma("conv_gather_bf16_128x128", 128, 128, 128, 32, false),
            mma("conv_gather_bf16_128x64", 128, 64, 128, 32, false),
            mma("conv_gather_bf16_64x64", 64, 64, 128, 32, false));
    /** Output channels of the narrow tiles of float32 arithmetic. */
    static final int NARROW = 32;
    /**
     * Channels that a step of the kernels with tensor maps takes; places to split reductions are counted in
     * {@link #reductionTile} all the same.
     */
    static final int WGMMA_CHANNELS = 64;
    /** bfloat16 on Hopper's warpgroups, fed by its copy engine. */
    static final List<ConvolutionKernel> BF16_WGMMA = List.of(
            wgmma("conv_gather_wgmma_128x256", 256, 4),
            wgmma("conv_gather_wgmma_128x128", 128, 3),
            wgmma("conv_gather_wgmma_128x64", 64, 4));
    /** bfloat16 in, few float32 channels out. */
    static final List<ConvolutionKernel> BF16_TO_F32 =
            List.of(mma("conv_gather_bf16_to_f32_128x16", 128, 16, 128, 32, true));

    static final List<ConvolutionKernel> TF32 = List.of(
            mma("conv_gather_tf32_128x128", 128, 128, 128, 16, true),
            mma("conv_gather_tf32_64x64", 64, 64, 128, 16, true));

    /**
     * The float32-arithmetic kernel for the given types of input and output; {@code vectors} where it may read four
     * channels at a time. Between float32 tensors there is a tile for few output channels.
     */
    static ConvolutionKernel ffma(boolean inputF32, boolean outputF32, boolean vectors, int outputChannels) {
        String types = inputF32 == outputF32
                ? (inputF32 ? "f32" : "bf16") + (vectors ? "_v4" : "")
                : inputF32 ? "f32_to_bf16" : "bf16_to_f32";
        boolean narrow = inputF32 && outputF32 && outputChannels <= NARROW;
        return new ConvolutionKernel(
                "conv_gather_ffma_" + (narrow ? "narrow_" : "") + types,
                128,
                narrow ? NARROW : 64,
                vectors || narrow ? 128 : 256,
                0,
                16,
                true,
                outputF32,
                false);
    }

    private static ConvolutionKernel mma(
            String name, int tileM, int tileN, int threads, int reductionTile, boolean outputF32) {
        return new ConvolutionKernel(
                name, tileM, tileN, threads, STAGES * (tileM + tileN) * 64, reductionTile, false, outputF32, false);
    }

    private static ConvolutionKernel wgmma(String name, int tileN, int stages) {
        return new ConvolutionKernel(
                name, 128, tileN, 288, stages * (128 + tileN) * 2 * WGMMA_CHANNELS + 1024, 32, false, false, true);
    }

    /**
     * Whether this kernel can do a problem that its family can. A box of the copy engine has gaps where a convolution
     * strides, but none of its pixels repeats as in the gradient of a strided one; and a split must not cut its 64
     * channels in two.
     */
    boolean canImplement(GatherProblem problem) {
        return !tensorMaps
                || problem.divide() == 0
                        && (problem.splits(this) == 1
                                || problem.c() % WGMMA_CHANNELS == 0
                                        && problem.stepsPerSplit(this) * reductionTile % WGMMA_CHANNELS == 0);
    }

    /** Steps that the whole reduction takes. */
    int steps(int taps, int channels) {
        return flattened ? ceilDiv(taps * channels, reductionTile) : taps * ceilDiv(channels, reductionTile);
    }

    long blocks(long pixels, int channels) {
        return (pixels + tileM - 1) / tileM * ceilDiv(channels, tileN);
    }

    static int ceilDiv(int a, int b) {
        return (a + b - 1) / b;
    }
}
