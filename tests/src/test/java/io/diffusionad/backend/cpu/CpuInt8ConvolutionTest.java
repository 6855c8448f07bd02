package io.diffusionad.backend.cpu;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.ops.OpException;
import io.diffusionad.ops.Quantization;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What the operation table cannot see of int8 convolutions: which implementation oneDNN chose, and that operands of other types are refused. */
class CpuInt8ConvolutionTest {
    private static final Quantization QUANTIZATION = Quantization.covering(-0.2785f, 4);

    /** oneDNN's reference implementation gives the same numbers, a thousand times slower. */
    @Test
    void neverFallsToTheReferenceImplementation() {
        try (Device device = new CpuDeviceProvider().open(0, new DeviceOptions(2, "own")); Arena arena = device.newArena("int8")) {
            Assumptions.assumeTrue(device.computesInt8(), "this processor has no AVX512-VNNI");
            int shapes = 0;
            for (int channels : new int[] {32, 96, 128, 256, 384, 512, 1024}) {
                for (DType type : List.of(DType.FLOAT32, DType.BFLOAT16)) {
                    Tensor y = arena.tensor(type, 2, 8, 8, 128);
                    device.ops().fill(y, 0);
                    Tensor channelBias = arena.float32(2, 128);
                    device.ops().fill(channelBias, 0);
                    Weight w = new Weight("w", arena.float32(128, 3, 3, channels));
                    device.ops().fill(w.value(), 0.5f);
                    Tensor x = arena.tensor(DType.UINT8, 2, 8, 8, channels);
                    device.ops().conv2dForwardQuantized(y, x, QUANTIZATION, w, Epilogue.NONE.withChannelBias(channelBias).withResidual(y), Conv2d.of(3));
                    shapes++;
                }
            }
            List<String> lines = ((CpuOps) device.ops()).convolutionImplementations().lines().toList();
            assertEquals(shapes, lines.size());
            lines.forEach(line -> assertTrue(line.contains(" u8 ") && !line.contains("ref"), line));
        }
    }

    @Test
    void operandsOfOtherTypesAreRefused() {
        try (Device device = new CpuDeviceProvider().open(0, new DeviceOptions(1, "own")); Arena arena = device.newArena("int8")) {
            Tensor wide = arena.float32(1, 4, 4, 32);
            Tensor narrow = arena.tensor(DType.UINT8, 1, 4, 4, 32);
            Weight w = new Weight("w", arena.float32(32, 3, 3, 32));
            assertThrows(OpException.class, () -> device.ops().conv2dForwardQuantized(wide, wide, QUANTIZATION, w, Epilogue.NONE, Conv2d.of(3)));
            assertThrows(OpException.class, () -> device.ops().conv2dForwardQuantized(narrow, narrow, QUANTIZATION, w, Epilogue.NONE, Conv2d.of(3)));
            assertThrows(OpException.class, () -> device.ops().conv2dForward(wide, narrow, w, Epilogue.NONE, Conv2d.of(3)));
        }
    }
}
