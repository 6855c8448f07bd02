package io.diffusionad.backend.cuda;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import static io.diffusionad.backend.cuda.ConvolutionKernel.ceilDiv;
import static io.diffusionad.backend.cuda.CudaElementwise.suffix;

/**
 * Attention with an online softmax ({@code kernels/attention_f32.cu}, {@code kernels/attention_rows_f32.cu},
 * {@code kernels/attention_bf16.cu}).
 */
final class CudaAttention {
    /** Head sizes that kernels are compiled for; a head takes the smallest that it fits. */
    private static final int[] BF16_SIZES = {16, 32, 64, 128};

    private static final int[] F32_SIZES = {8, 16, 32, 64, 128, 256};
    /** Of float32, the largest for which a thread keeps whole rows. */
    private static final int F32_ROWS_LIMIT = 32;

    private final Launch launch;
    private final ScratchMemory scratch;
    private final GpuProperties gpu;

    CudaAttention(Launch launch, ScratchMemory scratch, GpuProperties gpu) {
        this.launch = launch;
        this.scratch = scratch;
        this.gpu = gpu;
    }

    /** How a kernel is launched: rows a block, threads, dynamic shared memory. */
    private record Shape(int rows, int block, int shared) {}

    /**
     * One way to compute: the kernels' ending, and the launches of the forward pass and of the gradients by queries and
     * by keys and values.
     */
    private record Plan(String suffix, int headSize, Shape forward, Shape queries, Shape keys) {}

    void forward(Tensor y, Tensor logSumExp, Tensor qkv, int heads) {
        Plan plan = plan(y, heads);
        Shape shape = plan.forward();
        launch.kernel("attention_forward_" + plan.suffix())
                .pointer(y)
                .pointer(logSumExp)
                .pointer(qkv)
                .i32(y.dim(1), plan.headSize())
                .grid(ceilDiv(y.dim(1), shape.rows()), heads, y.dim(0), shape.block(), shape.shared());
    }

    void backward(Tensor dqkv, Tensor dy, Tensor y, Tensor qkv, Tensor logSumExp, int heads) {
        Plan plan = plan(y, heads);
        int n = y.dim(0);
        int tokens = y.dim(1);
        long delta = scratch.atLeast((long) n * heads * tokens * Float.BYTES);
        launch.kernel("attention_delta_" + suffix(y))
                .pointer(delta)
                .pointer(dy)
                .pointer(y)
                .i32(n, tokens, heads, plan.headSize())
                .over((long) n * heads * tokens, 256);
        for (String part : new String[] {"dq", "dkv"}) {
            Shape shape = part.equals("dq") ? plan.queries() : plan.keys();
            launch.kernel("attention_backward_" + part + "_" + plan.suffix())
                    .pointer(dqkv)
                    .pointer(dy)
                    .pointer(qkv)
                    .pointer(logSumExp)
                    .pointer(delta)
                    .i32(tokens, plan.headSize())
                    .grid(ceilDiv(tokens, shape.rows()), heads, n, shape.block(), shape.shared());
        }
    }

    private Plan plan(Tensor y, int heads) {
        int d = y.dim(2) / heads;
        if (y.dtype() == DType.FLOAT32) {
            int size = fitting(F32_SIZES, d);
            if (size <= F32_ROWS_LIMIT) {
                Shape shape = new Shape(128 * F32_ROWS_LIMIT / size, 128, 0);
                return new Plan("rows_f32_d" + size, d, shape, shape, size == 8 ? new Shape(256, 128, 0) : shape);
            }
            Shape large = warpRows(32, d);
            Shape backward =
                    large.shared() <= gpu.sharedMemory() ? large : warpRows(16, d); // Turing's, from 112 channels on
            return new Plan(
                    "f32_d" + size, d, new Shape(32, 256, (96 * (d + 1) + 1024) * Float.BYTES), backward, backward);
        }
        if (!gpu.hasTensorCores()) {
            throw new InvalidInputException(
                    "bfloat16 attention needs a card of compute capability 8.0 or later: choose --precision float32 or --device cpu");
        }
        int size = fitting(BF16_SIZES, d);
        Shape backward = new Shape(64, 128, 256 * (size + 8) * 2);
        return new Plan("bf16_d" + size, d, new Shape(64, 128, 320 * (size + 8) * 2), backward, backward);
    }

    /** The gradient in float32 whose warps have four rows each. */
    private static Shape warpRows(int rows, int d) {
        return new Shape(rows, rows * 8, ((2 * rows + 64) * (d + 1) + rows * 64) * Float.BYTES);
    }

    private static int fitting(int[] sizes, int d) {
        for (int size : sizes) {
            if (d <= size) {
                return size;
            }
        }
        throw new InvalidInputException("attention heads of " + d + " channels exceed the largest of "
                + sizes[sizes.length - 1] + (sizes == BF16_SIZES ? " in bfloat16" : "")
                + " on a CUDA card: choose more, narrower heads or --device cpu");
    }
}
