package io.diffusionad.backend.cpu;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.tensor.DType;
import io.diffusionad.testkit.Operand;
import io.diffusionad.testkit.OperationCase;
import io.diffusionad.testkit.cases.OperationTable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

/**
 * Convolutions of the sizes that networks have give the same bits whatever the number of threads, also where oneDNN
 * shares the work in other ways.
 */
class CpuConvolutionDeterminismTest {
    private static final int[] THREADS = {1, 2, 3, 4};
    private static final List<Device> DEVICES = new ArrayList<>();

    @BeforeAll
    static void open() {
        for (int threads : THREADS) {
            DEVICES.add(new CpuDeviceProvider().open(0, new DeviceOptions(threads, "own")));
        }
    }

    @AfterAll
    static void close() {
        DEVICES.forEach(Device::close);
        DEVICES.clear();
    }

    static Stream<Arguments> cases() {
        return networkConvolutions().flatMap(c -> c.precisions().stream().map(p -> Arguments.of(c, p)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cases")
    void doesNotDependOnThreads(OperationCase operationCase, DType precision) {
        Map<String, double[]> inputs = operationCase.inputs(precision, OperationTable.SEED);
        Map<String, double[]> one = operationCase.run(DEVICES.get(0), inputs, precision);
        for (int i = 0; i < THREADS.length; i++) {
            Map<String, double[]> other = operationCase.run(DEVICES.get(i), inputs, precision);
            for (String name : one.keySet()) {
                assertArrayEquals(
                        one.get(name),
                        other.get(name),
                        operationCase + " " + precision + ", " + name + " with " + THREADS[i] + " threads");
            }
        }
    }

    /** Nor on the images beside it: the algorithm is chosen by the size of one. */
    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT32", "BFLOAT16"})
    void doesNotDependOnTheBatch(DType precision) {
        OperationCase batch = forward(new int[] {3, 65, 70, 64, 3, 1});
        OperationCase alone = forward(new int[] {1, 65, 70, 64, 3, 1});
        Map<String, double[]> inputs = batch.inputs(precision, OperationTable.SEED);
        double[] expected = batch.run(DEVICES.get(1), inputs, precision).get("y");
        double[] x = inputs.get("x");
        for (int n = 0; n < 3; n++) {
            Map<String, double[]> one = new HashMap<>(inputs);
            one.put("x", sample(x, n));
            one.put("y", sample(inputs.get("y"), n));
            assertArrayEquals(
                    sample(expected, n),
                    alone.run(DEVICES.get(1), one, precision).get("y"),
                    "sample " + n + " alone");
        }
    }

    private static double[] sample(double[] batch, int n) {
        return Arrays.copyOfRange(batch, n * batch.length / 3, (n + 1) * batch.length / 3);
    }

    /** Shapes of small networks, large enough to be shared between threads in several ways. */
    private static Stream<OperationCase> networkConvolutions() {
        int[][] shapes = { // n, size, c, k, kernel, stride
            {1, 32, 16, 16, 3, 1},
            {2, 32, 32, 64, 3, 1},
            {1, 8, 256, 128, 3, 1},
            {3, 16, 64, 64, 3, 2},
            {4, 8, 96, 128, 1, 1},
            {1, 64, 3, 32, 3, 1},
            {1, 64, 32, 3, 3, 1},
            {8, 4, 128, 256, 3, 1},
            {2, 16, 192, 64, 1, 1},
            {1, 45, 64, 96, 3, 1},
            {1, 65, 64, 66, 3, 1}
        };
        return Stream.of(shapes).flatMap(s -> Stream.of(forward(s), backwardData(s), backwardWeights(s)));
    }

    private static OperationCase.Builder convolution(String operation, int[] s) {
        return OperationCase.of(
                operation,
                "%dx%dx%d, %d to %d channels, kernel %d, stride %d"
                        .formatted(s[0], s[1], s[1], s[2], s[3], s[4], s[5]));
    }

    private static OperationCase forward(int[] s) {
        Conv2d geometry = Conv2d.of(s[4], s[5]);
        int size = geometry.outputSize(s[1]);
        return convolution("conv2dForward", s)
                .in("x", Operand.Kind.ACTIVATION, s[0], s[1], s[1], s[2])
                .in("w", Operand.Kind.PARAMETER, s[3], s[4], s[4], s[2])
                .out("y", Operand.Kind.ACTIVATION, s[0], size, size, s[3])
                .run((ops, t) ->
                        ops.conv2dForward(t.tensor("y"), t.tensor("x"), t.weight("w"), Epilogue.NONE, geometry));
    }

    private static OperationCase backwardData(int[] s) {
        Conv2d geometry = Conv2d.of(s[4], s[5]);
        int size = geometry.outputSize(s[1]);
        return convolution("conv2dBackwardData", s)
                .in("dy", Operand.Kind.ACTIVATION, s[0], size, size, s[3])
                .in("w", Operand.Kind.PARAMETER, s[3], s[4], s[4], s[2])
                .out("dx", Operand.Kind.ACTIVATION, s[0], s[1], s[1], s[2])
                .run((ops, t) ->
                        ops.conv2dBackwardData(t.tensor("dx"), t.tensor("dy"), t.weight("w"), geometry, false));
    }

    private static OperationCase backwardWeights(int[] s) {
        Conv2d geometry = Conv2d.of(s[4], s[5]);
        int size = geometry.outputSize(s[1]);
        return convolution("conv2dBackwardWeights", s)
                .in("dy", Operand.Kind.ACTIVATION, s[0], size, size, s[3])
                .in("x", Operand.Kind.ACTIVATION, s[0], s[1], s[1], s[2])
                .updated("dw", Operand.Kind.PARAMETER, s[3], s[4], s[4], s[2])
                .updated("dbias", Operand.Kind.PARAMETER, s[3])
                .run((ops, t) -> ops.conv2dBackwardWeights(
                        t.tensor("dw"), t.tensor("dbias"), t.tensor("dy"), t.tensor("x"), geometry));
    }
}
