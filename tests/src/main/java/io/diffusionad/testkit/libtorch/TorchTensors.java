package io.diffusionad.testkit.libtorch;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Between Java arrays and LibTorch tensors. */
public final class TorchTensors {
    private TorchTensors() {}

    /** @param shape row-major */
    public static Tensor of(double[] values, ScalarType type, long... shape) {
        return Tensor.create(values, shape).to(type);
    }

    /** Values in NHWC order as a tensor (N, C, H, W), in memory still channels last. */
    public static Tensor ofNhwc(double[] values, ScalarType type, int... dims) {
        return of(values, type, dims[0], dims[1], dims[2], dims[3]).permute(0, 3, 1, 2);
    }

    /** All elements, row-major. */
    public static double[] toDoubles(Tensor tensor) {
        try (Tensor contiguous = tensor.detach().to(ScalarType.Double).contiguous();
                DoublePointer pointer = contiguous.data_ptr_double()) {
            double[] values = new double[Math.toIntExact(contiguous.numel())];
            pointer.get(values);
            return values;
        }
    }

    /** A tensor (N, C, H, W) as values in NHWC order. */
    public static double[] toNhwc(Tensor tensor) {
        try (Tensor permuted = tensor.permute(0, 2, 3, 1)) {
            return toDoubles(permuted);
        }
    }
}
