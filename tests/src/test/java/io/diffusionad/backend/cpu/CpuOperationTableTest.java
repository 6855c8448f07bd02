package io.diffusionad.backend.cpu;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.tensor.DType;
import io.diffusionad.testkit.OperationCase;
import io.diffusionad.testkit.cases.OperationTable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.stream.Stream;

/** Every operation over awkward shapes against the exact reference, on the loops and the oneDNN code that this processor gets. */
class CpuOperationTableTest {
    private static Device device;

    @BeforeAll
    static void open() {
        device = new CpuDeviceProvider().open(0, new DeviceOptions(2, "own"));
    }

    @AfterAll
    static void close() {
        device.close();
    }

    static Stream<Arguments> cases() {
        return OperationTable.cases().stream().flatMap(c -> c.precisions().stream().map(p -> Arguments.of(c, p)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cases")
    void agreesWithTheReference(OperationCase operationCase, DType precision) {
        operationCase.check(device, precision, OperationTable.SEED);
    }
}
