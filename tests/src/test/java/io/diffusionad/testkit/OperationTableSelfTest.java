package io.diffusionad.testkit;

import io.diffusionad.ops.Ops;
import io.diffusionad.tensor.DType;
import io.diffusionad.testkit.cases.OperationTable;
import io.diffusionad.testkit.reference.ReferenceDevice;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The table itself: complete, well-posed, and able to see errors. */
class OperationTableSelfTest {
    @Test
    void everyOperationHasCases() {
        Set<String> declared = Arrays.stream(Ops.class.getMethods())
                .filter(m -> !m.isDefault())
                .map(java.lang.reflect.Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> covered = OperationTable.cases().stream()
                .map(OperationCase::operation)
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(declared, covered);
    }

    @Test
    void namesAreUnique() {
        List<String> names =
                OperationTable.cases().stream().map(OperationCase::name).toList();
        assertEquals(names.size(), Set.copyOf(names).size());
    }

    /**
     * The distinct shapes of the full-size networks: enough of each kind, and costs by the same formulas as a plan of
     * the network.
     */
    @Test
    void fullSizeCasesCoverBothNetworks() {
        List<OperationCase> cases = OperationTable.fullSizeCases(1);
        Map<String, Long> count =
                cases.stream().collect(Collectors.groupingBy(OperationCase::operation, Collectors.counting()));
        assertTrue(count.get("conv2dForward") > 40, count.toString());
        assertTrue(count.get("conv2dBackwardWeights") > 40, count.toString());
        assertEquals(3, count.get("attentionForward"));
        OperationCase stem = cases.get(0);
        assertEquals("conv2dForward 1x256x256x3 to 128 channels, kernel 3, stride 1 +bias", stem.name());
        assertEquals(2L * 256 * 256 * 128 * 27, stem.cost(DType.FLOAT32).flop());
        assertEquals(
                2L * (256 * 256 * 128) + 4L * (256 * 256 * 3 + 128 * 27 + 128),
                stem.cost(DType.BFLOAT16).bytes());
    }

    @Test
    void naiveImplementationPassesEveryCase() {
        ReferenceDevice naive = ReferenceDevice.naive();
        OperationTable.cases().parallelStream()
                .forEach(c -> c.precisions().forEach(precision -> c.check(naive, precision, OperationTable.SEED)));
    }

    @Test
    void toleranceFailsNaNAndErrorsAnywhere() {
        double[] exact = {1, -2, 3};
        double[] naive = {1 + 1e-7, -2, 3};
        Tolerance.FORWARD.check("same", new double[] {1, -2, 3 + 2e-7}, exact, naive, DType.FLOAT32);
        for (double[] wrong : List.of(
                new double[] {1, Double.NaN, 3}, new double[] {1, -2, 3.00001}, new double[] {1, -2}, new double[] {
                    0, 0, 0
                })) {
            assertThrows(
                    AssertionError.class, () -> Tolerance.FORWARD.check("wrong", wrong, exact, naive, DType.FLOAT32));
        }
    }

    @Test
    void changedInputsAreFound() {
        OperationCase careless = OperationCase.of("fill", "that also changes an input")
                .out("y", Operand.Kind.FLOAT32, 2, 3)
                .in("x", Operand.Kind.FLOAT32, 2, 3)
                .run((ops, t) -> {
                    ops.fill(t.tensor("y"), 1);
                    ops.fill(t.tensor("x"), 1);
                });
        Map<String, double[]> inputs = careless.inputs(DType.FLOAT32, 1);
        AssertionError error =
                assertThrows(AssertionError.class, () -> careless.run(ReferenceDevice.exact(), inputs, DType.FLOAT32));
        assertTrue(error.getMessage().contains("read-only operand x"), error.getMessage());
    }
}
