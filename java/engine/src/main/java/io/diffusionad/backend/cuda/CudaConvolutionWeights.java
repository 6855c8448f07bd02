package io.diffusionad.backend.cuda;

import io.diffusionad.ops.Conv2d;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import java.util.ArrayList;
import java.util.List;

import static io.diffusionad.backend.cuda.ConvolutionKernel.ceilDiv;

/** Gradients of convolutions by weight and bias ({@code kernels/conv_weights_*.cu}), those by float32 weights also by cuDNN where it was asked for. */
final class CudaConvolutionWeights {
    /** Blocks that fill a large card; the reduction over pixels is split until there are about as many. A constant, so that bits do not depend on the card. */
    private static final int ENOUGH_BLOCKS = 256;
    private static final int LEAST_PIXELS_A_SPLIT = 512;
    private static final int PIXEL_TILE = 32;
    private static final int STAGES = 4;

    private final Launch launch;
    private final ScratchMemory scratch;
    private final ChannelSums channelSums;
    private final LibraryChoice choice;
    private final boolean tensorCores;
    private final boolean tf32;

    CudaConvolutionWeights(Launch launch, ScratchMemory scratch, ChannelSums channelSums, LibraryChoice choice, boolean tensorCores, boolean tf32) {
        this.launch = launch;
        this.scratch = scratch;
        this.channelSums = channelSums;
        this.choice = choice;
        this.tensorCores = tensorCores;
        this.tf32 = tensorCores && tf32;
    }

    /** @param tile rows and columns of dw that a block computes; @param flattened whether its columns run over (tap, channel) */
    private record Kernel(String name, int tile, boolean flattened, int threads, int sharedBytes) {
        long blocks(int k, int taps, int c) {
            return (long) ceilDiv(k, tile) * (flattened ? ceilDiv(taps * c, tile) : taps * ceilDiv(c, tile));
        }
    }

    void backward(Tensor dw, Tensor dbias, Tensor dy, Tensor x, Conv2d geometry) {
        List<LibraryChoice.Way> ways = new ArrayList<>();
        ways.add(new LibraryChoice.Way("own", target -> add(target, dw, dy, x, geometry)));
        choice.libraries().convolutions().ifPresent(cudnn -> cudnn.plan(CudnnPlan.Direction.BACKWARD_WEIGHTS, x, dy, dw.dim(3), geometry)
                .ifPresent(plan -> ways.add(new LibraryChoice.Way(cudnn.name(),
                        target -> plan.run(x.address(), target, dy.address(), scratch.atLeast(plan.workspaceBytes()), true)))));
        long pixels = (long) dy.dim(0) * dy.dim(1) * dy.dim(2);
        String key = "backwardWeights " + x + " " + dy + " " + geometry;
        choice.choose(new LibraryChoice.Result(key, dw.elements(), dw.dtype(), pixels), ways).compute().accept(dw.address());
        if (dbias != null) {
            channelSums.overAllSamples(dbias, dy);
        }
    }

    /** Adds to a gradient of dw's shape at {@code target}. */
    private void add(long target, Tensor dw, Tensor dy, Tensor x, Conv2d geometry) {
        int c = x.dim(3);
        int k = dy.dim(3);
        int taps = geometry.kernel() * geometry.kernel();
        long pixels = (long) dy.dim(0) * dy.dim(1) * dy.dim(2);
        Kernel kernel = select(dy, x, k, c);
        long blocks = kernel.blocks(k, taps, c);
        long wanted = Math.max(1, Math.min(ENOUGH_BLOCKS / blocks, pixels / LEAST_PIXELS_A_SPLIT));
        long pixelsPerSplit = (pixels + wanted * PIXEL_TILE - 1) / (wanted * PIXEL_TILE) * PIXEL_TILE;
        int splits = (int) ((pixels + pixelsPerSplit - 1) / pixelsPerSplit);
        long partial = splits == 1 ? 0 : scratch.atLeast((long) splits * k * taps * c * Float.BYTES);
        arguments(kernel.name(), target, dw, dy, x, geometry, partial, splits, pixelsPerSplit).grid(blocks, splits, 1, kernel.threads(), kernel.sharedBytes());
        if (splits > 1) {
            arguments("conv_weights_reduce", target, dw, dy, x, geometry, partial, splits, pixelsPerSplit).over((long) k * taps * c, 256);
        }
    }

    private Kernel select(Tensor dy, Tensor x, int k, int c) {
        boolean dyF32 = dy.dtype() == DType.FLOAT32;
        boolean xF32 = x.dtype() == DType.FLOAT32;
        boolean aligned = dy.address() % 16 == 0 && x.address() % 16 == 0;
        if (!dyF32 && !xF32 && tensorCores && aligned && k % 8 == 0 && c % 8 == 0) {
            int tile = k >= 128 && c >= 128 ? 128 : 64;
            return new Kernel("conv_weights_bf16_" + tile, tile, false, 128, STAGES * 2 * PIXEL_TILE * tile * 2);
        }
        if (dyF32 && xF32 && tf32 && aligned && k % 4 == 0 && c % 4 == 0) {
            return new Kernel("conv_weights_tf32_64", 64, false, 128, 0);
        }
        return new Kernel("conv_weights_ffma_" + (dyF32 ? "f32" : "bf16") + (xF32 ? "_f32" : "_bf16"), 64, true, 256, 0);
    }

    /** Fills struct ConvWeightsArguments of kernels/conv_arguments.cuh. */
    private Launch arguments(String name, long target, Tensor dw, Tensor dy, Tensor x, Conv2d geometry, long partial, int splits, long pixelsPerSplit) {
        int channels = dw.dim(3);
        return launch.kernel(name).struct()
                .pointer(dy).pointer(x).pointer(target + (long) geometry.inputOffset() * Float.BYTES).pointer(partial)
                .i64((long) geometry.kernel() * geometry.kernel() * channels).i64(channels)
                .i32(x.dim(0), x.dim(1), x.dim(2), x.dim(3))
                .i32(dy.dim(1), dy.dim(2), dy.dim(3), geometry.kernel())
                .i32(geometry.stride(), geometry.padding(), splits, Math.toIntExact(pixelsPerSplit));
    }
}
