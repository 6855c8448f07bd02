package io.diffusionad.backend.cuda;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.ops.OpException;
import io.diffusionad.tensor.DType;
import io.diffusionad.testkit.GeneratorNoise;
import io.diffusionad.testkit.OperationCase;
import io.diffusionad.testkit.cases.OperationTable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.Map;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Every operation of the CUDA backend over the operation table, against the float64 reference. */
@RequiresCuda
class CudaOperationTableTest {
    private static Device device;

    @BeforeAll
    static void open() {
        device = Devices.open("cuda", DeviceOptions.DEFAULT);
    }

    @AfterAll
    static void close() {
        if (device != null) {
            device.close();
        }
    }

    /**
     * Without the large gradients by the weight: slow to emulate, and large for the sake of an algorithm that only the
     * CPU has.
     */
    static Stream<Arguments> cases() {
        return OperationTable.selected().stream()
                .filter(operation -> !operation.isInt8())
                .filter(operation -> !(operation.isLargeConvolution()
                        && operation.operation().equals("conv2dBackwardWeights")))
                .flatMap(operation ->
                        operation.precisions().stream().map(precision -> Arguments.of(operation, precision)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cases")
    void agreesWithReference(OperationCase operation, DType precision) {
        assumeTrue(
                precision == DType.FLOAT32
                        || device.hasFastBfloat16()
                        || !operation.operation().startsWith("attention"),
                "attention in bfloat16 is for cards with tensor cores");
        operation.check(device, precision, OperationTable.SEED);
    }

    /**
     * Noise is the generator's, as on the processor, not merely near to it: scores do not depend on the device's noise.
     */
    @Test
    void noiseIsTheGeneratorsToTheLastBit() {
        GeneratorNoise.check(device);
    }

    @Test
    void refusesInt8InOneSentence() {
        assertFalse(device.computesInt8());
        for (OperationCase operation :
                OperationTable.cases().stream().filter(OperationCase::isInt8).toList()) {
            Map<String, double[]> inputs = operation.inputs(DType.FLOAT32, OperationTable.SEED);
            OpException refusal = assertThrows(OpException.class, () -> operation.run(device, inputs, DType.FLOAT32));
            assertTrue(refusal.getMessage().contains("use bf16 or float32"), refusal.getMessage());
        }
    }
}
