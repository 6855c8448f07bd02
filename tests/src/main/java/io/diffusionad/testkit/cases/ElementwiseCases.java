package io.diffusionad.testkit.cases;

import io.diffusionad.ops.Activation;
import io.diffusionad.ops.ElementwiseOps.AdamSettings;
import io.diffusionad.testkit.Operand.Kind;
import io.diffusionad.testkit.OperationCase;
import io.diffusionad.testkit.Values;

import java.util.List;
import java.util.function.Consumer;

/** Pointwise operations at lengths around the vector widths, apart and in place, and Adam. */
final class ElementwiseCases {
    private static final List<int[]> SHAPES = List.of(
            new int[] {1, 1},
            new int[] {1, 7},
            new int[] {3, 11},
            new int[] {2, 33},
            new int[] {3, 4, 5, 17},
            new int[] {1, 64, 65});

    private ElementwiseCases() {}

    static void addTo(Consumer<OperationCase> table) {
        for (int[] shape : SHAPES) {
            String size = String.join(
                    "x",
                    java.util.Arrays.stream(shape).mapToObj(String::valueOf).toList());
            table.accept(OperationCase.of("fill", size)
                    .out("y", Kind.ACTIVATION, shape)
                    .run((ops, t) -> ops.fill(t.tensor("y"), -1.5f)));
            addCopies(table, size, shape);
            table.accept(OperationCase.of("addScaled", size)
                    .updated("y", Kind.ACTIVATION, shape)
                    .in("x", Kind.ACTIVATION, shape)
                    .run((ops, t) -> ops.addScaled(t.tensor("y"), t.tensor("x"), -0.7f)));
            for (Activation activation : List.of(Activation.SILU, Activation.RELU, Activation.SIGMOID)) {
                addActivation(table, size, shape, activation);
            }
            addAdam(table, size, shape, new AdamSettings(0.9f, 0.999f, 1e-8f, 0), 1);
            addAdam(table, size, shape, new AdamSettings(0.8f, 0.99f, 1e-6f, 0.01f), 12);
        }
    }

    private static void addCopies(Consumer<OperationCase> table, String size, int[] shape) {
        table.accept(OperationCase.of("copy", size)
                .out("y", Kind.ACTIVATION, shape)
                .in("x", Kind.ACTIVATION, shape)
                .run((ops, t) -> ops.copy(t.tensor("y"), t.tensor("x"))));
        table.accept(OperationCase.of("copy", size + " to float32")
                .out("y", Kind.FLOAT32, shape)
                .in("x", Kind.ACTIVATION, shape)
                .run((ops, t) -> ops.copy(t.tensor("y"), t.tensor("x"))));
        table.accept(OperationCase.of("copy", size + " from float32")
                .out("y", Kind.ACTIVATION, shape)
                .in("x", Kind.FLOAT32, shape)
                .run((ops, t) -> ops.copy(t.tensor("y"), t.tensor("x"))));
    }

    private static void addActivation(Consumer<OperationCase> table, String size, int[] shape, Activation activation) {
        // Values up to ±30 reach the flat ends, where a careless sigmoid overflows.
        Values wide = random -> random.nextGaussian() * (random.nextInt(4) == 0 ? 10 : 1);
        table.accept(OperationCase.of("activationForward", size + " " + activation)
                .out("y", Kind.ACTIVATION, shape)
                .in("x", Kind.ACTIVATION, wide, shape)
                .run((ops, t) -> ops.activationForward(t.tensor("y"), t.tensor("x"), activation)));
        table.accept(OperationCase.of("activationForward", size + " " + activation + " in place")
                .updated("x", Kind.ACTIVATION, wide, shape)
                .run((ops, t) -> ops.activationForward(t.tensor("x"), t.tensor("x"), activation)));
        Values saved = activation == Activation.SIGMOID ? Values.uniform(0, 1) : wide;
        table.accept(OperationCase.of("activationBackward", size + " " + activation)
                .out("dx", Kind.ACTIVATION, shape)
                .in("dy", Kind.ACTIVATION, shape)
                .in("x", Kind.ACTIVATION, saved, shape)
                .run((ops, t) -> ops.activationBackward(t.tensor("dx"), t.tensor("dy"), t.tensor("x"), activation)));
        table.accept(OperationCase.of("activationBackward", size + " " + activation + " in place")
                .updated("dy", Kind.ACTIVATION, shape)
                .in("x", Kind.ACTIVATION, saved, shape)
                .run((ops, t) -> ops.activationBackward(t.tensor("dy"), t.tensor("dy"), t.tensor("x"), activation)));
    }

    private static void addAdam(
            Consumer<OperationCase> table, String size, int[] shape, AdamSettings settings, int step) {
        table.accept(OperationCase.of("adamStep", size + " step " + step)
                .float32Only()
                .updated("p", Kind.PARAMETER, shape)
                .updated("m", Kind.PARAMETER, Values.normal(0.1), shape)
                .updated("v", Kind.PARAMETER, Values.uniform(0, 0.01), shape)
                .in("g", Kind.PARAMETER, Values.normal(0.1), shape)
                .run((ops, t) -> ops.adamStep(
                        t.tensor("p"), t.tensor("m"), t.tensor("v"), t.tensor("g"), settings, 1e-3f, step)));
    }
}
