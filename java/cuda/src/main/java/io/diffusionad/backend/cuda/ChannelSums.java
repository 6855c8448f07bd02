package io.diffusionad.backend.cuda;

import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

/** Sums over pixels: gradients of biases ({@code kernels/linear.cu}), in two deterministic stages. */
final class ChannelSums {
    private static final int CHANNEL_TILE = 32;
    private static final int PIXELS_A_CHUNK = 1024;

    private final Launch launch;
    private final ScratchMemory scratch;

    ChannelSums(Launch launch, ScratchMemory scratch) {
        this.launch = launch;
        this.scratch = scratch;
    }

    /** {@code sums[n][k] = Σ dy[n][·][k]}. */
    void perSample(Tensor sums, Tensor dy) {
        int chunks = chunks(dy);
        long partial = partials(dy, chunks);
        finish(sums, partial, dy.dim(0), chunks, dy.dim(3), false);
    }

    /** {@code sums[k] += Σ dy[·][·][k]}. */
    void overAllSamples(Tensor sums, Tensor dy) {
        int chunks = chunks(dy);
        long partial = partials(dy, chunks);
        finish(sums, partial, 1, dy.dim(0) * chunks, dy.dim(3), true);
    }

    private static int chunks(Tensor dy) {
        return ConvolutionKernel.ceilDiv(dy.dim(1) * dy.dim(2), PIXELS_A_CHUNK);
    }

    private long partials(Tensor dy, int chunks) {
        int n = dy.dim(0);
        int k = dy.dim(3);
        long partial = scratch.atLeast((long) n * chunks * k * Float.BYTES);
        launch.kernel(dy.dtype() == DType.FLOAT32 ? "channel_sums_f32" : "channel_sums_bf16")
                .pointer(partial)
                .pointer(dy)
                .i64((long) dy.dim(1) * dy.dim(2))
                .i32(k, PIXELS_A_CHUNK)
                .grid(ConvolutionKernel.ceilDiv(k, CHANNEL_TILE), chunks, n, 256, 0);
        return partial;
    }

    private void finish(Tensor sums, long partial, int n, int chunks, int k, boolean accumulate) {
        launch.kernel("channel_sums_finish")
                .pointer(sums)
                .pointer(partial)
                .i32(n, chunks, k)
                .i32(accumulate)
                .over((long) n * k, 128);
    }
}
