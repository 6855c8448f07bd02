package io.diffusionad.backend.cpu;

import io.diffusionad.ops.Activation;
import io.diffusionad.ops.ElementwiseOps;
import io.diffusionad.tensor.Tensor;

import static io.diffusionad.backend.cpu.Operands.floating;
import static io.diffusionad.backend.cpu.Operands.floats;
import static io.diffusionad.backend.cpu.Operands.like;
import static io.diffusionad.backend.cpu.Operands.require;
import static io.diffusionad.backend.cpu.Operands.type;

/** Pointwise operations and Adam by our own loops. */
final class CpuElementwise implements ElementwiseOps {
    private final CpuHandle handle;

    CpuElementwise(CpuHandle handle) {
        this.handle = handle;
    }

    @Override
    public void fill(Tensor y, float value) {
        floating("fill", "y", y);
        fill(handle.address(), y.address(), value, y.elements(), type(y));
    }

    @Override
    public void copy(Tensor y, Tensor x) {
        require("copy", y.sameShape(x), "y %s and x %s differ in shape", y, x);
        if (y.dtype() != x.dtype()) {
            floating("copy", "y", y);
            floating("copy", "x", x);
        }
        copy(handle.address(), y.address(), x.address(), y.elements(), type(y), type(x));
    }

    @Override
    public void addScaled(Tensor y, Tensor x, float scale) {
        floating("addScaled", "y", y);
        like("addScaled", "x", x, y);
        addScaled(handle.address(), y.address(), x.address(), scale, y.elements(), type(y));
    }

    @Override
    public void activationForward(Tensor y, Tensor x, Activation activation) {
        floating("activationForward", "x", x);
        like("activationForward", "y", y, x);
        activationForward(handle.address(), y.address(), x.address(), x.elements(), activation.ordinal(), type(x));
    }

    @Override
    public void activationBackward(Tensor dx, Tensor dy, Tensor x, Activation activation) {
        floating("activationBackward", "x", x);
        like("activationBackward", "dy", dy, x);
        like("activationBackward", "dx", dx, x);
        activationBackward(
                handle.address(), dx.address(), dy.address(), x.address(), x.elements(), activation.ordinal(), type(x));
    }

    @Override
    public void adamStep(Tensor p, Tensor m, Tensor v, Tensor g, AdamSettings settings, float learningRate, int step) {
        String operation = "adamStep";
        floats(operation, "p", p, p.elements());
        floats(operation, "m", m, p.elements());
        floats(operation, "v", v, p.elements());
        floats(operation, "g", g, p.elements());
        require(operation, step >= 1, "steps count from 1, not %d", step);
        adamStep(
                handle.address(),
                p.address(),
                m.address(),
                v.address(),
                g.address(),
                p.elements(),
                settings.beta1(),
                settings.beta2(),
                settings.eps(),
                settings.weightDecay(),
                learningRate,
                step);
    }

    private static native void fill(long context, long y, float value, long count, int type);

    private static native void copy(long context, long y, long x, long count, int yType, int xType);

    private static native void addScaled(long context, long y, long x, float scale, long count, int type);

    private static native void activationForward(long context, long y, long x, long count, int activation, int type);

    private static native void activationBackward(
            long context, long dx, long dy, long x, long count, int activation, int type);

    private static native void adamStep(
            long context,
            long p,
            long m,
            long v,
            long g,
            long count,
            float beta1,
            float beta2,
            float eps,
            float weightDecay,
            float learningRate,
            int step);
}
