package io.diffusionad.backend.cpu;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Transfers;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.ops.OpException;
import io.diffusionad.ops.Quantization;
import io.diffusionad.random.PhiloxRandom;
import io.diffusionad.random.Purpose;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;
import io.diffusionad.testkit.Tolerance;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What the operation table cannot see of int8 convolutions: which implementation oneDNN chose, and that operands of
 * other types are refused.
 */
class CpuInt8ConvolutionTest {
    private static final Quantization QUANTIZATION = Quantization.covering(-0.2785f, 4);
    /**
     * Such inputs round worse than others, to 0.1 of the result; numbers that overflow 16 bits make that 4 (measured).
     */
    private static final Tolerance ROUNDED_AT_WORST = new Tolerance(2, 0.3);
    /**
     * Signs of the coefficients of a row of B transposed, by pixel row or column modulo four: inputs of these signs are
     * the worst for numbers of 16 bits.
     */
    private static final int[][] WORST_SIGNS = {{1, -1, -1, 1}, {1, 1, -1, -1}};

    /** oneDNN's reference implementation gives the same numbers, a thousand times slower. */
    @Test
    void neverFallsToTheReferenceImplementation() {
        try (Device device = new CpuDeviceProvider().open(0, new DeviceOptions(2, "own"));
                Arena arena = device.newArena("int8")) {
            Assumptions.assumeTrue(
                    device.gainsFromInt8(DType.FLOAT32, 3, 8, 8, 32, 128), "this processor has no AVX512-VNNI");
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
                    device.ops()
                            .conv2dForwardQuantized(
                                    y,
                                    x,
                                    QUANTIZATION,
                                    w,
                                    Epilogue.NONE.withChannelBias(channelBias).withResidual(y),
                                    Conv2d.of(3));
                    // A batch in bfloat16 is held against the implementation for one sample, which is listed too.
                    shapes += type == DType.BFLOAT16 ? 2 : 1;
                }
            }
            List<String> lines =
                    ((CpuOps) device.ops()).convolutionImplementations().lines().toList();
            assertEquals(shapes, lines.size());
            lines.forEach(line -> assertTrue(line.contains(" u8 ") && !line.contains("ref"), line));
        }
    }

    /** Without AVX512-VNNI only Winograd's algorithm gains; what would be slow is refused, not slow. */
    @Test
    void whatGainsNothingIsRefusedInASentence() {
        try (Device device = new CpuDeviceProvider().open(0, new DeviceOptions(1, "own"));
                Arena arena = device.newArena("int8")) {
            Assumptions.assumeFalse(
                    device.gainsFromInt8(DType.FLOAT32, 3, 4, 4, 32, 32), "this processor has AVX512-VNNI");
            Tensor x = arena.tensor(DType.UINT8, 1, 4, 4, 32);
            Weight w = new Weight("w", arena.float32(32, 3, 3, 32));
            String message = assertThrows(OpException.class, () -> device.ops()
                            .conv2dForwardQuantized(
                                    arena.float32(1, 4, 4, 32), x, QUANTIZATION, w, Epilogue.NONE, Conv2d.of(3)))
                    .getMessage();
            assertTrue(message.contains("gains nothing from int8"), message);
        }
    }

    /**
     * Steps are found once for a version of the values: changed values must not be read by the steps of those before.
     */
    @Test
    void aChangedWeightIsRoundedAnew() {
        try (Device device = new CpuDeviceProvider().open(0, new DeviceOptions(1, "own"));
                Arena arena = device.newArena("int8")) {
            Assumptions.assumeTrue(device.computesInt8(), "this processor has no AVX2");
            Tensor x = arena.tensor(DType.UINT8, 1, 32, 32, 64);
            float[] values = new float[(int) x.elements()];
            Arrays.fill(values, 200);
            Transfers.upload(device, x, values);
            Weight w = new Weight("w", arena.float32(64, 3, 3, 64));
            double first = centre(device, arena, x, w, 0.001f);
            assertEquals(100 * first, centre(device, arena, x, w, 0.1f), 1e-3 * 100 * first);
        }
    }

    /** A batch is cut in another way than one image; what is rounded, and by what step, must not depend on it. */
    @Test
    void aBatchGivesTheBitsOfItsImages() {
        try (Device device = new CpuDeviceProvider().open(0, new DeviceOptions(2, "own"));
                Arena arena = device.newArena("int8")) {
            Assumptions.assumeTrue(device.computesInt8(), "this processor has no AVX2");
            Tensor x = random(device, arena.tensor(DType.UINT8, 5, 16, 18, 70), 0, 255);
            Weight w = new Weight("w", random(device, arena.float32(66, 3, 3, 70), -1, 1));
            Tensor batch = arena.float32(5, 16, 18, 66);
            device.ops().conv2dForwardQuantized(batch, x, QUANTIZATION, w, Epilogue.NONE, Conv2d.of(3));
            Tensor one = arena.float32(1, 16, 18, 66);
            for (int i = 0; i < 5; i++) {
                device.ops()
                        .conv2dForwardQuantized(one, x.slice(i, i + 1), QUANTIZATION, w, Epilogue.NONE, Conv2d.of(3));
                assertArrayEquals(
                        Transfers.toFloats(device, batch.slice(i, i + 1)),
                        Transfers.toFloats(device, one),
                        "image " + i);
            }
        }
    }

    /** The transforms must hold whatever 8 bits can say, beside any zero point. */
    @Test
    void theGreatestInputsOverflowNothing() {
        try (Device device = new CpuDeviceProvider().open(0, new DeviceOptions(2, "own"));
                Arena arena = device.newArena("int8")) {
            Assumptions.assumeTrue(device.computesInt8(), "this processor has no AVX2");
            Weight w = new Weight("w", random(device, arena.float32(64, 3, 3, 64), -1, 1));
            for (int zeroPoint : new int[] {0, 14, 128, 255}) {
                float[] values = new float[32 * 32 * 64];
                for (int i = 0; i < values.length; i++) {
                    int channel = i % 64;
                    int sign = WORST_SIGNS[channel & 1][i / 64 / 32 % 4]
                            * WORST_SIGNS[channel >> 1 & 1][i / 64 % 32 % 4]
                            * ((channel & 4) == 0 ? 1 : -1);
                    values[i] = sign > 0 ? 255 : 0;
                }
                Tensor x = arena.tensor(DType.UINT8, 1, 32, 32, 64);
                Transfers.upload(device, x, values);
                Tensor wide = arena.float32(1, 32, 32, 64);
                for (int i = 0; i < values.length; i++) {
                    values[i] = (values[i] - zeroPoint) / 64;
                }
                Transfers.upload(device, wide, values);
                Tensor y = arena.float32(1, 32, 32, 64);
                device.ops()
                        .conv2dForwardQuantized(
                                y, x, new Quantization(1 / 64f, zeroPoint), w, Epilogue.NONE, Conv2d.of(3));
                Tensor exact = arena.float32(1, 32, 32, 64);
                device.ops().conv2dForward(exact, wide, w, Epilogue.NONE, Conv2d.of(3));
                double[] expected = doubles(device, exact);
                ROUNDED_AT_WORST.check("zero at " + zeroPoint, doubles(device, y), expected, expected, DType.FLOAT32);
            }
        }
    }

    private static double[] doubles(Device device, Tensor tensor) {
        float[] values = Transfers.toFloats(device, tensor);
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    private static Tensor random(Device device, Tensor tensor, float least, float greatest) {
        PhiloxRandom random = new PhiloxRandom(7, Purpose.TEST, tensor.elements());
        float[] values = new float[(int) tensor.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = least + (greatest - least) * random.nextFloat();
        }
        Transfers.upload(device, tensor, values);
        return tensor;
    }

    private static double centre(Device device, Arena arena, Tensor x, Weight w, float value) {
        device.ops().fill(w.value(), value);
        w.changed();
        Tensor y = arena.float32(1, 32, 32, 64);
        device.ops().conv2dForwardQuantized(y, x, QUANTIZATION, w, Epilogue.NONE, Conv2d.of(3));
        float found = Transfers.toFloats(device, y)[(16 * 32 + 16) * 64];
        double exact = 9 * 64 * value * (200 - QUANTIZATION.zeroPoint()) * QUANTIZATION.scale();
        assertEquals(exact, found, 0.05 * exact);
        return found;
    }

    @Test
    void operandsOfOtherTypesAreRefused() {
        try (Device device = new CpuDeviceProvider().open(0, new DeviceOptions(1, "own"));
                Arena arena = device.newArena("int8")) {
            Tensor wide = arena.float32(1, 4, 4, 32);
            Tensor narrow = arena.tensor(DType.UINT8, 1, 4, 4, 32);
            Weight w = new Weight("w", arena.float32(32, 3, 3, 32));
            assertThrows(OpException.class, () -> device.ops()
                    .conv2dForwardQuantized(wide, wide, QUANTIZATION, w, Epilogue.NONE, Conv2d.of(3)));
            assertThrows(OpException.class, () -> device.ops()
                    .conv2dForwardQuantized(narrow, narrow, QUANTIZATION, w, Epilogue.NONE, Conv2d.of(3)));
            assertThrows(
                    OpException.class, () -> device.ops().conv2dForward(wide, narrow, w, Epilogue.NONE, Conv2d.of(3)));
        }
    }
}
