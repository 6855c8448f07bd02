package io.diffusionad.backend.cuda;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.tensor.DType;
import io.diffusionad.testkit.OperationCase;
import io.diffusionad.testkit.cases.OperationTable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.stream.Stream;

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

    static Stream<Arguments> cases() {
        return OperationTable.selected().stream()
                .flatMap(operation -> operation.precisions().stream().map(precision -> Arguments.of(operation, precision)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cases")
    void agreesWithReference(OperationCase operation, DType precision) {
        operation.check(device, precision, OperationTable.SEED);
    }
}
