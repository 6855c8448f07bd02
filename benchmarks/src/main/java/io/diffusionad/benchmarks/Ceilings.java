package io.diffusionad.benchmarks;

import io.diffusionad.device.Device;
import io.diffusionad.device.Transfers;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.ops.Quantization;
import io.diffusionad.settings.Precision;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;

/**
 * What a device can do at best, measured beside the results it bounds: one large convolution, which every other
 * convolution is held against, and one large copy. The median of several runs, since machines are shared. FLOP are
 * those of the definition: a backend whose algorithm multiplies less exceeds the processor's peak.
 *
 * @param float32Flops FLOP a second of a 3x3 convolution, 256 to 256 channels on 64x64 pixels, two images, float32
 * @param bfloat16Flops the same in bfloat16
 * @param int8Flops the same of an input in 8 bits, 0 where int8 cannot run
 * @param copyBytes bytes read and written a second by a copy of 256 MiB
 */
public record Ceilings(double float32Flops, double bfloat16Flops, double int8Flops, double copyBytes) {
    private static final int RUNS = 9;
    private static final int CHANNELS = 256;
    private static final int SIZE = 64;
    private static final int IMAGES = 2;

    public static Ceilings measure(Device device) {
        return new Ceilings(
                convolution(device, DType.FLOAT32),
                convolution(device, DType.BFLOAT16),
                device.computesInt8() ? quantizedConvolution(device) : 0,
                copy(device));
    }

    public double flops(DType precision) {
        return precision == DType.BFLOAT16 ? bfloat16Flops : float32Flops;
    }

    private static double convolution(Device device, DType precision) {
        try (Arena arena = device.newArena("ceiling")) {
            Tensor x = filled(device, arena, precision, IMAGES, SIZE, SIZE, CHANNELS);
            Tensor y = filled(device, arena, precision, IMAGES, SIZE, SIZE, CHANNELS);
            Weight w = new Weight("ceiling", filled(device, arena, DType.FLOAT32, CHANNELS, 3, 3, CHANNELS));
            double flop = 2.0 * y.elements() * CHANNELS * 9;
            return flop
                    / DeviceSeconds.medianOf(
                            device, RUNS, () -> device.ops().conv2dForward(y, x, w, Epilogue.NONE, Conv2d.of(3)));
        }
    }

    private static double quantizedConvolution(Device device) {
        try (Arena arena = device.newArena("ceiling")) {
            Tensor x = arena.tensor(DType.UINT8, IMAGES, SIZE, SIZE, CHANNELS);
            Transfers.upload(device, x, new float[Math.toIntExact(x.elements())]);
            Tensor y = filled(device, arena, Precision.INT8.on(device), IMAGES, SIZE, SIZE, CHANNELS);
            Weight w = new Weight("ceiling", filled(device, arena, DType.FLOAT32, CHANNELS, 3, 3, CHANNELS));
            double flop = 2.0 * y.elements() * CHANNELS * 9;
            Quantization quantization = Quantization.covering(-1, 1);
            return flop
                    / DeviceSeconds.medianOf(device, RUNS, () -> device.ops()
                            .conv2dForwardQuantized(y, x, quantization, w, Epilogue.NONE, Conv2d.of(3)));
        }
    }

    private static double copy(Device device) {
        try (Arena arena = device.newArena("ceiling")) {
            Tensor x = filled(device, arena, DType.FLOAT32, 64 << 20);
            Tensor y = filled(device, arena, DType.FLOAT32, 64 << 20);
            return 2.0
                    * x.bytes()
                    / DeviceSeconds.medianOf(device, RUNS, () -> device.ops().copy(y, x));
        }
    }

    private static Tensor filled(Device device, Arena arena, DType type, int... dims) {
        Tensor tensor = arena.tensor(type, dims);
        device.ops().fill(tensor, 0.01f);
        return tensor;
    }
}
