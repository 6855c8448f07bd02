package io.diffusionad.backend.cuda;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.device.Transfers;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.testkit.Values;

/** An open CUDA device with an arena, and tensors filled from seeds. */
final class CudaFixture implements AutoCloseable {
    final Device device;
    final Arena arena;
    private int filled;

    CudaFixture(DeviceOptions options) {
        device = Devices.open("cuda", options);
        arena = device.newArena("test");
    }

    /** Standard normal values times {@code scale}, another stream for each call. */
    Tensor normal(double scale, DType dtype, int... dims) {
        Tensor tensor = arena.tensor(dtype, dims);
        fill(tensor, scale);
        return tensor;
    }

    void fill(Tensor tensor, double scale) {
        double[] values = Values.normal(scale).fill(Math.toIntExact(tensor.elements()), 20230814, filled++);
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        Transfers.upload(device, tensor, floats);
    }

    float[] read(Tensor tensor) {
        return Transfers.toFloats(device, tensor);
    }

    @Override
    public void close() {
        arena.close();
        device.close();
    }
}
