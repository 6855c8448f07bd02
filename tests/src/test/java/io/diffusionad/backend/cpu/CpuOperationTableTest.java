package io.diffusionad.backend.cpu;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.tensor.DType;
import io.diffusionad.testkit.GeneratorNoise;
import io.diffusionad.testkit.Tolerance;
import io.diffusionad.testkit.cases.OperationTable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.util.Map;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

/**
 * The operation table on the CPU device: right numbers, and the same bits whatever the thread count and however often.
 */
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
        return OperationTable.selectedForCpu().stream()
                .filter(c -> c.runsOn(twoThreads))
                .flatMap(c -> c.precisions().stream()
                        .map(precision -> dynamicTest(c.name() + " " + precision, () -> {
                            Map<String, double[]> inputs = c.inputs(precision, OperationTable.SEED);
                            Map<String, double[]> results = c.run(twoThreads, inputs, precision);
                            if (c.isLargeConvolution() && !c.isInt8() && precision == DType.BFLOAT16) {
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

    @Test
    void noiseIsPhiloxBitForBit() {
        GeneratorNoise.check(twoThreads);
    }
}
