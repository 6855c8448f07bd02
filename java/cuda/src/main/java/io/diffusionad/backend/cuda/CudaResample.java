package io.diffusionad.backend.cuda;

import io.diffusionad.ops.Resample;
import io.diffusionad.tensor.Tensor;

import static io.diffusionad.backend.cuda.CudaElementwise.suffix;

/**
 * Changes of resolution, pooling and channel ranges ({@code kernels/resample.cu}). Kernels take the sizes of the
 * forward pass's input.
 */
final class CudaResample {
    private static final int BLOCK = 256;

    private final Launch launch;

    CudaResample(Launch launch) {
        this.launch = launch;
    }

    void forward(Tensor y, Tensor x, Resample change) {
        sizes(launch.kernel(name(change) + "_forward_" + suffix(y)).pointer(y).pointer(x), x)
                .over(vectors(larger(y, x)), BLOCK);
    }

    void backward(Tensor dx, Tensor dy, Resample change, boolean accumulate) {
        sizes(
                        launch.kernel(name(change) + "_backward_" + suffix(dx))
                                .pointer(dx)
                                .pointer(dy),
                        dx)
                .i32(accumulate)
                .over(vectors(dx), BLOCK);
    }

    void maxPoolForward(Tensor y, Tensor argmax, Tensor x) {
        sizes(
                        launch.kernel("max_pool2_forward_" + suffix(y))
                                .pointer(y)
                                .pointer(argmax)
                                .pointer(x),
                        x)
                .over(vectors(y), BLOCK);
    }

    void maxPoolBackward(Tensor dx, Tensor dy, Tensor argmax, boolean accumulate) {
        sizes(
                        launch.kernel("max_pool2_backward_" + suffix(dx))
                                .pointer(dx)
                                .pointer(dy)
                                .pointer(argmax),
                        dx)
                .i32(accumulate)
                .over(vectors(dx), BLOCK);
    }

    void bilinearForward(Tensor y, Tensor x) {
        sizes(launch.kernel("bilinear_up2_forward_" + suffix(y)).pointer(y).pointer(x), x)
                .over(vectors(y), BLOCK);
    }

    void bilinearBackward(Tensor dx, Tensor dy) {
        sizes(launch.kernel("bilinear_up2_backward_" + suffix(dx)).pointer(dx).pointer(dy), dx)
                .over(vectors(dx), BLOCK);
    }

    void copyChannels(Tensor y, int yOffset, Tensor x, int xOffset, int count) {
        int yChannels = y.dim(y.rank() - 1);
        int xChannels = x.dim(x.rank() - 1);
        long rows = x.elements() / xChannels;
        launch.kernel("copy_channels_" + suffix(x) + "_to_" + suffix(y))
                .pointer(y)
                .i32(yChannels, yOffset)
                .pointer(x)
                .i32(xChannels, xOffset, count)
                .i64(rows)
                .over(rows * count, BLOCK);
    }

    private static String name(Resample change) {
        return switch (change) {
            case UP -> "resample_up";
            case DOWN -> "resample_down";
            case NONE -> throw new IllegalArgumentException("nothing to resample");
        };
    }

    private static Launch sizes(Launch arguments, Tensor input) {
        return arguments.i32(input.dim(0), input.dim(1), input.dim(2), input.dim(3));
    }

    private static Tensor larger(Tensor a, Tensor b) {
        return a.elements() > b.elements() ? a : b;
    }

    /** Threads that a tensor gives work to when each takes 16 bytes. */
    private static long vectors(Tensor tensor) {
        return Math.max(1, tensor.bytes() / 16);
    }
}
