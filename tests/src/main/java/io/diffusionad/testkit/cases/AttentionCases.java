package io.diffusionad.testkit.cases;

import io.diffusionad.testkit.Operand.Kind;
import io.diffusionad.testkit.OperationCase;
import io.diffusionad.testkit.Values;

import java.util.List;
import java.util.function.Consumer;

/**
 * Attention: one token, token counts off the tile, head sizes 8 to 128 and not a power of two, scores large enough to
 * overflow an unshifted softmax.
 */
final class AttentionCases {
    record Problem(int n, int tokens, int channels, int heads, double spread) {
        @Override
        public String toString() {
            return "%dx%dx%d, %d heads of %d".formatted(n, tokens, channels, heads, channels / heads)
                    + (spread == 1 ? "" : ", large scores");
        }
    }

    private static final List<Problem> PROBLEMS = List.of(
            new Problem(1, 1, 16, 1, 1),
            new Problem(3, 17, 48, 3, 1),
            new Problem(1, 64, 64, 1, 1),
            new Problem(2, 65, 96, 4, 1),
            new Problem(1, 63, 32, 4, 1),
            new Problem(1, 33, 128, 1, 1),
            new Problem(1, 129, 64, 2, 1),
            new Problem(3, 6, 40, 4, 1),
            new Problem(2, 31, 32, 2, 8));

    private AttentionCases() {}

    static void addTo(Consumer<OperationCase> table) {
        for (Problem problem : PROBLEMS) {
            table.accept(forward(problem));
            table.accept(backward(problem));
        }
    }

    static OperationCase forward(Problem z) {
        return OperationCase.of("attentionForward", z.toString())
                .out("y", Kind.ACTIVATION, z.n, z.tokens, z.channels)
                .out("logSumExp", Kind.FLOAT32, z.n, z.heads, z.tokens)
                .in("qkv", Kind.ACTIVATION, Values.normal(z.spread), z.n, z.tokens, 3 * z.channels)
                .run((ops, t) -> ops.attentionForward(t.tensor("y"), t.tensor("logSumExp"), t.tensor("qkv"), z.heads));
    }

    static OperationCase backward(Problem z) {
        return OperationCase.of("attentionBackward", z.toString())
                .out("dqkv", Kind.ACTIVATION, z.n, z.tokens, 3 * z.channels)
                .in("dy", Kind.ACTIVATION, z.n, z.tokens, z.channels)
                .in("y", Kind.ACTIVATION, z.n, z.tokens, z.channels)
                .in("qkv", Kind.ACTIVATION, Values.normal(z.spread), z.n, z.tokens, 3 * z.channels)
                .in("logSumExp", Kind.FLOAT32, z.n, z.heads, z.tokens)
                .prepare((ops, t) ->
                        ops.attentionForward(t.tensor("y"), t.tensor("logSumExp"), t.tensor("qkv"), z.heads))
                .run((ops, t) -> ops.attentionBackward(
                        t.tensor("dqkv"),
                        t.tensor("dy"),
                        t.tensor("y"),
                        t.tensor("qkv"),
                        t.tensor("logSumExp"),
                        z.heads));
    }
}
