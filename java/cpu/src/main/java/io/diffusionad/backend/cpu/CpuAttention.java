package io.diffusionad.backend.cpu;

import io.diffusionad.ops.AttentionOps;
import io.diffusionad.tensor.Tensor;

import static io.diffusionad.backend.cpu.Operands.exactly;
import static io.diffusionad.backend.cpu.Operands.floating;
import static io.diffusionad.backend.cpu.Operands.floats;
import static io.diffusionad.backend.cpu.Operands.like;
import static io.diffusionad.backend.cpu.Operands.require;
import static io.diffusionad.backend.cpu.Operands.type;

/** Attention in tiles, with float32 arithmetic for both types. */
final class CpuAttention implements AttentionOps {
    private final CpuHandle handle;

    CpuAttention(CpuHandle handle) {
        this.handle = handle;
    }

    @Override
    public void attentionForward(Tensor y, Tensor logSumExp, Tensor qkv, int heads) {
        check("attentionForward", y, logSumExp, qkv, heads);
        forward(
                handle.address(),
                y.address(),
                logSumExp.address(),
                qkv.address(),
                y.dim(0),
                y.dim(1),
                y.dim(2),
                heads,
                type(y));
    }

    @Override
    public void attentionBackward(Tensor dqkv, Tensor dy, Tensor y, Tensor qkv, Tensor logSumExp, int heads) {
        String operation = "attentionBackward";
        check(operation, y, logSumExp, qkv, heads);
        like(operation, "dqkv", dqkv, qkv);
        like(operation, "dy", dy, y);
        backward(
                handle.address(),
                dqkv.address(),
                dy.address(),
                y.address(),
                qkv.address(),
                logSumExp.address(),
                y.dim(0),
                y.dim(1),
                y.dim(2),
                heads,
                type(y));
    }

    private static void check(String operation, Tensor y, Tensor logSumExp, Tensor qkv, int heads) {
        floating(operation, "y", y);
        require(operation, y.rank() == 3, "y must be (N, T, C), not %s", y);
        require(operation, heads > 0 && y.dim(2) % heads == 0, "%d heads do not divide %d channels", heads, y.dim(2));
        exactly(operation, "qkv", qkv, y.dtype(), y.dim(0), y.dim(1), 3 * y.dim(2));
        floats(operation, "logSumExp", logSumExp, (long) y.dim(0) * heads * y.dim(1));
    }

    private static native void forward(
            long context, long y, long logSumExp, long qkv, int n, int t, int c, int heads, int type);

    private static native void backward(
            long context,
            long dqkv,
            long dy,
            long y,
            long qkv,
            long logSumExp,
            int n,
            int t,
            int c,
            int heads,
            int type);
}
