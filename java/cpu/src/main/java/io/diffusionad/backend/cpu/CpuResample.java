package io.diffusionad.backend.cpu;

import io.diffusionad.ops.Resample;
import io.diffusionad.ops.ResampleOps;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import static io.diffusionad.backend.cpu.Operands.exactly;
import static io.diffusionad.backend.cpu.Operands.floating;
import static io.diffusionad.backend.cpu.Operands.image;
import static io.diffusionad.backend.cpu.Operands.require;
import static io.diffusionad.backend.cpu.Operands.type;

/** Changes of resolution and channel ranges by our own loops. */
final class CpuResample implements ResampleOps {
    private final CpuHandle handle;

    CpuResample(CpuHandle handle) {
        this.handle = handle;
    }

    @Override
    public void resampleForward(Tensor y, Tensor x, Resample resample) {
        checkResample("resampleForward", y, x, resample);
        resampleForward(
                handle.address(),
                y.address(),
                x.address(),
                x.dim(0),
                x.dim(1),
                x.dim(2),
                x.dim(3),
                resample.ordinal(),
                type(x));
    }

    @Override
    public void resampleBackward(Tensor dx, Tensor dy, Resample resample, boolean accumulate) {
        checkResample("resampleBackward", dy, dx, resample);
        resampleBackward(
                handle.address(),
                dx.address(),
                dy.address(),
                dx.dim(0),
                dx.dim(1),
                dx.dim(2),
                dx.dim(3),
                resample.ordinal(),
                accumulate,
                type(dx));
    }

    @Override
    public void maxPool2Forward(Tensor y, Tensor argmax, Tensor x) {
        checkPool("maxPool2Forward", y, argmax, x);
        maxPoolForward(
                handle.address(),
                y.address(),
                argmax.address(),
                x.address(),
                x.dim(0),
                x.dim(1),
                x.dim(2),
                x.dim(3),
                type(x));
    }

    @Override
    public void maxPool2Backward(Tensor dx, Tensor dy, Tensor argmax, boolean accumulate) {
        checkPool("maxPool2Backward", dy, argmax, dx);
        maxPoolBackward(
                handle.address(),
                dx.address(),
                dy.address(),
                argmax.address(),
                dx.dim(0),
                dx.dim(1),
                dx.dim(2),
                dx.dim(3),
                accumulate,
                type(dx));
    }

    @Override
    public void bilinearUp2Forward(Tensor y, Tensor x) {
        checkBilinear("bilinearUp2Forward", y, x);
        bilinearForward(handle.address(), y.address(), x.address(), x.dim(0), x.dim(1), x.dim(2), x.dim(3), type(x));
    }

    @Override
    public void bilinearUp2Backward(Tensor dx, Tensor dy) {
        checkBilinear("bilinearUp2Backward", dy, dx);
        bilinearBackward(
                handle.address(), dx.address(), dy.address(), dx.dim(0), dx.dim(1), dx.dim(2), dx.dim(3), type(dx));
    }

    @Override
    public void copyChannels(Tensor y, int yOffset, Tensor x, int xOffset, int count) {
        String operation = "copyChannels";
        floating(operation, "y", y);
        floating(operation, "x", x);
        int yChannels = y.dim(y.rank() - 1);
        int xChannels = x.dim(x.rank() - 1);
        long pixels = y.elements() / yChannels;
        require(operation, pixels == x.elements() / xChannels, "the leading dimensions of %s and %s differ", y, x);
        require(
                operation,
                count > 0
                        && yOffset >= 0
                        && xOffset >= 0
                        && yOffset + count <= yChannels
                        && xOffset + count <= xChannels,
                "%d channels from %d of %s to %d of %s",
                count,
                xOffset,
                x,
                yOffset,
                y);
        copyChannels(
                handle.address(),
                y.address(),
                yOffset,
                yChannels,
                type(y),
                x.address(),
                xOffset,
                xChannels,
                type(x),
                count,
                pixels);
    }

    private static void checkResample(String operation, Tensor y, Tensor x, Resample resample) {
        image(operation, "x", x);
        require(operation, resample != Resample.NONE, "resample NONE: nothing to do");
        require(
                operation,
                resample != Resample.DOWN || (x.dim(1) % 2 == 0 && x.dim(2) % 2 == 0),
                "DOWN needs even sizes, not %s",
                x);
        exactly(operation, "y", y, x.dtype(), x.dim(0), resample.apply(x.dim(1)), resample.apply(x.dim(2)), x.dim(3));
    }

    private static void checkPool(String operation, Tensor y, Tensor argmax, Tensor x) {
        image(operation, "x", x);
        require(operation, x.dim(1) >= 2 && x.dim(2) >= 2, "x must be at least 2x2, not %s", x);
        exactly(operation, "y", y, x.dtype(), x.dim(0), x.dim(1) / 2, x.dim(2) / 2, x.dim(3));
        exactly(operation, "argmax", argmax, DType.UINT8, y.dims());
    }

    private static void checkBilinear(String operation, Tensor y, Tensor x) {
        image(operation, "x", x);
        exactly(operation, "y", y, x.dtype(), x.dim(0), 2 * x.dim(1), 2 * x.dim(2), x.dim(3));
    }

    private static native void resampleForward(
            long context, long y, long x, int n, int h, int w, int c, int resample, int type);

    private static native void resampleBackward(
            long context, long dx, long dy, int n, int h, int w, int c, int resample, boolean accumulate, int type);

    private static native void maxPoolForward(
            long context, long y, long argmax, long x, int n, int h, int w, int c, int type);

    private static native void maxPoolBackward(
            long context, long dx, long dy, long argmax, int n, int h, int w, int c, boolean accumulate, int type);

    private static native void bilinearForward(long context, long y, long x, int n, int h, int w, int c, int type);

    private static native void bilinearBackward(long context, long dx, long dy, int n, int h, int w, int c, int type);

    private static native void copyChannels(
            long context,
            long y,
            int yOffset,
            int yChannels,
            int yType,
            long x,
            int xOffset,
            int xChannels,
            int xType,
            int count,
            long pixels);
}
