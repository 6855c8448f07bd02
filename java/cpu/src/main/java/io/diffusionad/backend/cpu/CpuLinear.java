package io.diffusionad.backend.cpu;

import io.diffusionad.ops.LinearOps;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;

import static io.diffusionad.backend.cpu.Operands.address;
import static io.diffusionad.backend.cpu.Operands.exactly;
import static io.diffusionad.backend.cpu.Operands.floats;
import static io.diffusionad.backend.cpu.Operands.image;
import static io.diffusionad.backend.cpu.Operands.optionalFloats;
import static io.diffusionad.backend.cpu.Operands.require;
import static io.diffusionad.backend.cpu.Operands.type;

/** The time embedding's layers by our own loops: a few rows against weights that are read once. */
final class CpuLinear implements LinearOps {
    private final CpuHandle handle;

    CpuLinear(CpuHandle handle) {
        this.handle = handle;
    }

    @Override
    public void timestepEmbedding(Tensor y, Tensor t) {
        String operation = "timestepEmbedding";
        require(operation, y.rank() == 2 && y.dim(1) >= 2, "y must be (N, D) with D of at least 2, not %s", y);
        exactly(operation, "y", y, DType.FLOAT32, y.dims());
        exactly(operation, "t", t, DType.INT64, y.dim(0));
        timestepEmbedding(handle.address(), y.address(), t.address(), y.dim(0), y.dim(1));
    }

    @Override
    public void linearForward(Tensor y, Tensor x, Weight w, Tensor bias) {
        checkShapes("linearForward", y, x, w.value());
        optionalFloats("linearForward", "bias", bias, y.dim(1));
        forward(
                handle.address(),
                y.address(),
                x.address(),
                w.value().address(),
                address(bias),
                x.dim(0),
                x.dim(1),
                y.dim(1));
    }

    @Override
    public void linearBackwardData(Tensor dx, Tensor dy, Weight w, boolean accumulate) {
        checkShapes("linearBackwardData", dy, dx, w.value());
        backwardData(
                handle.address(),
                dx.address(),
                dy.address(),
                w.value().address(),
                dx.dim(0),
                dx.dim(1),
                dy.dim(1),
                accumulate);
    }

    @Override
    public void linearBackwardWeights(Tensor dw, Tensor dbias, Tensor dy, Tensor x) {
        checkShapes("linearBackwardWeights", dy, x, dw);
        optionalFloats("linearBackwardWeights", "dbias", dbias, dy.dim(1));
        backwardWeights(
                handle.address(),
                dw.address(),
                address(dbias),
                dy.address(),
                x.address(),
                x.dim(0),
                x.dim(1),
                dy.dim(1));
    }

    @Override
    public void channelBiasBackward(Tensor dchannelBias, Tensor dy) {
        image("channelBiasBackward", "dy", dy);
        floats("channelBiasBackward", "dchannelBias", dchannelBias, (long) dy.dim(0) * dy.dim(3));
        channelSums(
                handle.address(),
                dchannelBias.address(),
                dy.address(),
                dy.dim(0),
                dy.dim(1),
                dy.dim(2),
                dy.dim(3),
                type(dy));
    }

    private static void checkShapes(String operation, Tensor y, Tensor x, Tensor w) {
        require(
                operation,
                y.rank() == 2 && x.rank() == 2 && y.dim(0) == x.dim(0),
                "y %s and x %s must be (N, K) and (N, C)",
                y,
                x);
        exactly(operation, "y", y, DType.FLOAT32, y.dims());
        exactly(operation, "x", x, DType.FLOAT32, x.dims());
        floats(operation, "w", w, (long) y.dim(1) * x.dim(1));
    }

    private static native void timestepEmbedding(long context, long y, long t, int n, int d);

    private static native void forward(long context, long y, long x, long w, long bias, int n, int c, int k);

    private static native void backwardData(
            long context, long dx, long dy, long w, int n, int c, int k, boolean accumulate);

    private static native void backwardWeights(long context, long dw, long dbias, long dy, long x, int n, int c, int k);

    private static native void channelSums(long context, long sums, long x, int n, int h, int w, int c, int type);
}
