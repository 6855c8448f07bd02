package io.diffusionad.backend.cuda;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import static io.diffusionad.backend.cuda.ConvolutionKernel.ceilDiv;
import static io.diffusionad.backend.cuda.CudaElementwise.suffix;

/** Attention with an online softmax ({@code kernels/attention_f32.cu}, {@code kernels/attention_rows_f32.cu}, {@code kernels/attention_bf16.cu}). */
final class CudaAttention {
    /** Head sizes that kernels are compiled for; a head takes the smallest that it fits. */
    private static final int[] BF16_SIZES = {16, 32, 64, 128};
    private static final int[] F32_SIZES = {8, 16, 32, 64, 128, 256};
    /** Of float32, the largest for which a thread keeps whole rows. */
    private static final int F32_ROWS_LIMIT = 32;

    private final Launch launch;
    private final ScratchMemory scratch;
    private final boolean tensorCores;

    CudaAttention(Launch launch, ScratchMemory scratch, boolean tensorCores) {
        this.launch = launch;
        this.scratch = scratch;
        this.tensorCores = tensorCores;
    }

    /** One way to launch: a kernel name's ending, rows a block (of the gradients by keys and values too), threads, and the two directions' shared memory. */
    private record Plan(String suffix, int headSize, int rows, int keyRows, int block, int forwardShared, int backwardShared) { }

    void forward(Tensor y, Tensor logSumExp, Tensor qkv, int heads) {
        Plan plan = plan(y, heads);
        launch.kernel("attention_forward_" + plan.suffix()).pointer(y).pointer(logSumExp).pointer(qkv).i32(y.dim(1), plan.headSize())
                .grid(ceilDiv(y.dim(1), plan.rows()), heads, y.dim(0), plan.block(), plan.forwardShared());
    }

    void backward(Tensor dqkv, Tensor dy, Tensor y, Tensor qkv, Tensor logSumExp, int heads) {
        Plan plan = plan(y, heads);
        int n = y.dim(0);
        int tokens = y.dim(1);
        long delta = scratch.atLeast((long) n * heads * tokens * Float.BYTES);
        launch.kernel("attention_delta_" + suffix(y)).pointer(delta).pointer(dy).pointer(y).i32(n, tokens, heads, plan.headSize())
                .over((long) n * heads * tokens, 256);
        for (String part : new String[] {"dq", "dkv"}) {
            int rows = part.equals("dq") ? plan.rows() : plan.keyRows();
            launch.kernel("attention_backward_" + part + "_" + plan.suffix()).pointer(dqkv).pointer(dy).pointer(qkv).pointer(logSumExp).pointer(delta)
                    .i32(tokens, plan.headSize()).grid(ceilDiv(tokens, rows), heads, n, plan.block(), plan.backwardShared());
        }
    }

    private Plan plan(Tensor y, int heads) {
        int d = y.dim(2) / heads;
        if (y.dtype() == DType.FLOAT32) {
            int size = fitting(F32_SIZES, d);
            if (size <= F32_ROWS_LIMIT) {
                return new Plan("rows_f32_d" + size, d, 128 * F32_ROWS_LIMIT / size, size == 8 ? 256 : 128 * F32_ROWS_LIMIT / size, 128, 0, 0);
            }
            return new Plan("f32_d" + size, d, 32, 32, 256, (96 * (d + 1) + 1024) * Float.BYTES, (128 * (d + 1) + 2048) * Float.BYTES);
        }
        if (!tensorCores) {
            throw new InvalidInputException("bfloat16 attention needs a card of compute capability 8.0 or later: choose --precision float32 or --device cpu");
        }
        int size = fitting(BF16_SIZES, d);
        return new Plan("bf16_d" + size, d, 64, 64, 128, 320 * (size + 8) * 2, 256 * (size + 8) * 2);
    }

    private static int fitting(int[] sizes, int d) {
        for (int size : sizes) {
            if (d <= size) {
                return size;
            }
        }
        throw new InvalidInputException("attention heads of " + d + " channels exceed the largest of " + sizes[sizes.length - 1]
                + (sizes == BF16_SIZES ? " in bfloat16" : "") + " on a CUDA card: choose more, narrower heads or --device cpu");
    }
}
