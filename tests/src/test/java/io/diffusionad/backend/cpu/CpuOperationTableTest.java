package io.diffusionad.backend.cpu;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.device.Transfers;
import io.diffusionad.random.Philox;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.testkit.Tolerance;
import io.diffusionad.testkit.cases.OperationTable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

/** The operation table on the CPU device: right numbers, and the same bits whatever the thread count and however often. */
class CpuOperationTableTest {
    private static Device twoThreads;
    private static Device oneThread;

    @BeforeAll
    static void open() {
        twoThreads = Devices.open("cpu", new DeviceOptions(2, "own"));
        oneThread = Devices.open("cpu", new DeviceOptions(1, "own"));
    }

    @AfterAll
    static void close() {
        twoThreads.close();
        oneThread.close();
    }

    @TestFactory
    Stream<DynamicTest> agreesWithTheReferenceAndRepeats() {
        return OperationTable.selectedForCpu().stream().filter(c -> twoThreads.computesInt8() || !c.isInt8()).flatMap(c -> c.precisions().stream().map(precision -> dynamicTest(c.name() + " " + precision, () -> {
            Map<String, double[]> inputs = c.inputs(precision, OperationTable.SEED);
            Map<String, double[]> results = c.run(twoThreads, inputs, precision);
            if (c.isLargeConvolution() && precision == DType.BFLOAT16) {
                c.check(results, inputs, precision, OperationTable.SEED, Tolerance.WINOGRAD_BFLOAT16);
            } else {
                c.check(results, inputs, precision, OperationTable.SEED);
            }
            assertSameBits("a second run", results, c.run(twoThreads, inputs, precision));
            assertSameBits("one thread", results, c.run(oneThread, inputs, precision));
        })));
    }

    private static void assertSameBits(String with, Map<String, double[]> expected, Map<String, double[]> actual) {
        expected.forEach((output, values) -> assertArrayEquals(values, actual.get(output), output + " with " + with));
    }

    /** The functions of {@link Philox} are the definition: not one bit may differ. */
    @Test
    void noiseIsPhiloxBitForBit() {
        long[] samples = {0, 5, 1L << 40};
        int[] shape = {3, 9, 7, 3};
        int pixels = shape[1] * shape[2];
        try (Arena arena = twoThreads.newArena("noise")) {
            Tensor indices = arena.tensor(DType.INT64, 3);
            Transfers.upload(twoThreads, indices, samples);
            Tensor y = arena.float32(shape);
            twoThreads.ops().gaussianNoise(y, indices, 0x1234_5678_9ABC_DEF0L, 3);
            float[] actual = Transfers.toFloats(twoThreads, y);
            int[] words = new int[4];
            float[] normals = new float[4];
            for (int i = 0; i < actual.length; i++) {
                int sample = i / (pixels * 3);
                int element = i % 3 * pixels + i / 3 % pixels;
                Philox.block(words, 0x1234_5678_9ABC_DEF0L, 3, samples[sample], element / 4);
                Philox.normals(normals, 0, words);
                assertEquals(Float.floatToRawIntBits(normals[element % 4]), Float.floatToRawIntBits(actual[i]), "shape " + Arrays.toString(shape) + " at " + i);
            }
        }
    }
}
