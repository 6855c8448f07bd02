package io.diffusionad.backend.cuda;

import io.diffusionad.ops.Activation;
import io.diffusionad.ops.ElementwiseOps.AdamSettings;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import jcuda.driver.JCudaDriver;

/** Pointwise operations ({@code kernels/elementwise.cu}, {@code kernels/adam.cu}). */
final class CudaElementwise {
    private static final int BLOCK = 256;
    private static final int ELEMENTS_A_THREAD = 4;

    private final CudaContext context;
    private final Launch launch;

    CudaElementwise(CudaContext context, Launch launch) {
        this.context = context;
        this.launch = launch;
    }

    void fill(Tensor y, float value) {
        over(launch.kernel("fill_" + suffix(y)).pointer(y).f32(value).i64(y.elements()), y);
    }

    void copy(Tensor y, Tensor x) {
        if (y.dtype() == x.dtype()) {
            if (y.address() != x.address()) {
                JCudaDriver.cuMemcpyDtoDAsync(
                        DevicePointer.of(y.address()), DevicePointer.of(x.address()), x.bytes(), context.stream());
            }
            return;
        }
        over(
                launch.kernel("convert_" + suffix(x) + "_to_" + suffix(y))
                        .pointer(y)
                        .pointer(x)
                        .i64(y.elements()),
                y);
    }

    void addScaled(Tensor y, Tensor x, float scale) {
        over(
                launch.kernel("add_scaled_" + suffix(y))
                        .pointer(y)
                        .pointer(x)
                        .f32(scale)
                        .i64(y.elements()),
                y);
    }

    void activationForward(Tensor y, Tensor x, Activation activation) {
        over(
                launch.kernel("activation_forward_" + suffix(y))
                        .pointer(y)
                        .pointer(x)
                        .i32(code(activation))
                        .i64(y.elements()),
                y);
    }

    void activationBackward(Tensor dx, Tensor dy, Tensor x, Activation activation) {
        over(
                launch.kernel("activation_backward_" + suffix(dx))
                        .pointer(dx)
                        .pointer(dy)
                        .pointer(x)
                        .i32(code(activation))
                        .i64(dx.elements()),
                dx);
    }

    /** The bias corrections are made in float64: β2^step is close to 1 for long. */
    void adamStep(Tensor p, Tensor m, Tensor v, Tensor g, AdamSettings settings, float learningRate, int step) {
        over(
                launch.kernel("adam_step_f32")
                        .pointer(p)
                        .pointer(m)
                        .pointer(v)
                        .pointer(g)
                        .f32(
                                learningRate,
                                settings.beta1(),
                                settings.beta2(),
                                settings.eps(),
                                settings.weightDecay(),
                                (float) (1 - Math.pow(settings.beta1(), step)),
                                (float) (1 - Math.pow(settings.beta2(), step)))
                        .i64(p.elements()),
                p);
    }

    private static void over(Launch arguments, Tensor tensor) {
        arguments.over((tensor.elements() + ELEMENTS_A_THREAD - 1) / ELEMENTS_A_THREAD, BLOCK);
    }

    /** The ending of kernel names for a tensor's type. */
    static String suffix(Tensor tensor) {
        return suffix(tensor.dtype());
    }

    static String suffix(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> "f32";
            case BFLOAT16 -> "bf16";
            case INT64, UINT8 -> throw new IllegalArgumentException("no arithmetic on " + dtype);
        };
    }

    /** Numbers of kernels/common/activations.cuh. */
    static int code(Activation activation) {
        return switch (activation) {
            case NONE -> 0;
            case SILU -> 1;
            case RELU -> 2;
            case SIGMOID -> 3;
        };
    }
}
