package io.diffusionad.testkit.cases;

import io.diffusionad.testkit.Operand.Kind;
import io.diffusionad.testkit.OperationCase;
import io.diffusionad.testkit.Values;

import java.util.List;
import java.util.function.Consumer;

/** The time embedding's operations and the per-sample channel bias gradient. */
final class LinearCases {
    private LinearCases() {}

    static void addTo(Consumer<OperationCase> table) {
        for (int[] size : List.of(new int[] {1, 2}, new int[] {3, 34}, new int[] {5, 128})) {
            table.accept(OperationCase.of("timestepEmbedding", size[0] + "x" + size[1])
                    .float32Only()
                    .out("y", Kind.FLOAT32, size)
                    .in("t", Kind.INT64, Values.integers(0, 1000), size[0])
                    .run((ops, t) -> ops.timestepEmbedding(t.tensor("y"), t.tensor("t"))));
        }
        for (int[] size :
                List.of(new int[] {1, 1, 1}, new int[] {3, 17, 33}, new int[] {2, 128, 512}, new int[] {5, 64, 7})) {
            addLinear(table, size[0], size[1], size[2]);
        }
        for (int[] size : List.of(new int[] {1, 1, 1, 1}, new int[] {3, 5, 7, 17}, new int[] {2, 16, 15, 64})) {
            table.accept(channelBiasBackward(size[0], size[1], size[2], size[3]));
        }
    }

    private static void addLinear(Consumer<OperationCase> table, int n, int inputs, int outputs) {
        String variant = "%dx%d to %d".formatted(n, inputs, outputs);
        Values weights = Values.normal(1 / Math.sqrt(inputs));
        table.accept(OperationCase.of("linearForward", variant)
                .float32Only()
                .out("y", Kind.FLOAT32, n, outputs)
                .in("x", Kind.FLOAT32, n, inputs)
                .in("w", Kind.PARAMETER, weights, outputs, inputs)
                .in("bias", Kind.PARAMETER, outputs)
                .run((ops, t) -> ops.linearForward(t.tensor("y"), t.tensor("x"), t.weight("w"), t.tensor("bias"))));
        for (boolean accumulate : List.of(false, true)) {
            table.accept(OperationCase.of("linearBackwardData", variant + (accumulate ? " +=" : ""))
                    .float32Only()
                    .gradient("dx", Kind.FLOAT32, accumulate, n, inputs)
                    .in("dy", Kind.FLOAT32, n, outputs)
                    .in("w", Kind.PARAMETER, weights, outputs, inputs)
                    .run((ops, t) ->
                            ops.linearBackwardData(t.tensor("dx"), t.tensor("dy"), t.weight("w"), accumulate)));
        }
        table.accept(OperationCase.of("linearBackwardWeights", variant)
                .float32Only()
                .updated("dw", Kind.PARAMETER, outputs, inputs)
                .updated("dbias", Kind.PARAMETER, outputs)
                .in("dy", Kind.FLOAT32, n, outputs)
                .in("x", Kind.FLOAT32, n, inputs)
                .run((ops, t) ->
                        ops.linearBackwardWeights(t.tensor("dw"), t.tensor("dbias"), t.tensor("dy"), t.tensor("x"))));
    }

    static OperationCase channelBiasBackward(int n, int h, int w, int channels) {
        return OperationCase.of("channelBiasBackward", "%dx%dx%dx%d".formatted(n, h, w, channels))
                .out("dchannelBias", Kind.FLOAT32, n, channels)
                .in("dy", Kind.ACTIVATION, n, h, w, channels)
                .run((ops, t) -> ops.channelBiasBackward(t.tensor("dchannelBias"), t.tensor("dy")));
    }
}
