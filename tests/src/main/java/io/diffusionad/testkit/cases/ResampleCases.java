package io.diffusionad.testkit.cases;

import io.diffusionad.ops.Resample;
import io.diffusionad.testkit.Operand.Kind;
import io.diffusionad.testkit.OperationCase;
import io.diffusionad.testkit.Values;

import java.util.List;
import java.util.function.Consumer;

/**
 * Changes of resolution (sizes 1 and odd where allowed, ties in the maximum) and copies of channel ranges between
 * types.
 */
final class ResampleCases {
    /** The larger resolution is (n, 2·h, 2·w, c), the smaller (n, h, w, c). */
    record Problem(int n, int h, int w, int c) {
        int[] small() {
            return new int[] {n, h, w, c};
        }

        int[] big() {
            return new int[] {n, 2 * h, 2 * w, c};
        }

        @Override
        public String toString() {
            return "%dx%dx%dx%d".formatted(n, h, w, c);
        }
    }

    private static final List<Problem> PROBLEMS = List.of(
            new Problem(1, 1, 1, 1),
            new Problem(3, 1, 4, 3),
            new Problem(3, 3, 5, 17),
            new Problem(1, 8, 9, 32),
            new Problem(2, 7, 2, 65));

    private ResampleCases() {}

    static void addTo(Consumer<OperationCase> table) {
        for (Problem problem : PROBLEMS) {
            for (Resample resample : List.of(Resample.UP, Resample.DOWN)) {
                table.accept(forward(problem, resample));
                table.accept(backward(problem, resample, false));
                table.accept(backward(problem, resample, true));
            }
            table.accept(maxPoolForward(problem, Values.normal(1), ""));
            table.accept(maxPoolForward(problem, Values.integers(-1, 2), " with ties"));
            table.accept(maxPoolBackward(problem, false));
            table.accept(maxPoolBackward(problem, true));
            table.accept(bilinearForward(problem));
            table.accept(bilinearBackward(problem));
        }
        table.accept(copyChannels("into a wider tensor", Kind.ACTIVATION, Kind.ACTIVATION, 3, 9, 2, 4, 0, 4));
        table.accept(copyChannels("out of a wider tensor", Kind.ACTIVATION, Kind.ACTIVATION, 3, 5, 0, 17, 11, 5));
        table.accept(copyChannels("between ranges", Kind.ACTIVATION, Kind.ACTIVATION, 1, 40, 8, 40, 16, 24));
        table.accept(copyChannels("to float32", Kind.FLOAT32, Kind.ACTIVATION, 2, 6, 3, 3, 0, 3));
        table.accept(copyChannels("from float32", Kind.ACTIVATION, Kind.FLOAT32, 2, 6, 0, 3, 0, 3));
    }

    static OperationCase forward(Problem z, Resample resample) {
        boolean up = resample == Resample.UP;
        return OperationCase.of("resampleForward", z + " " + resample)
                .out("y", Kind.ACTIVATION, up ? z.big() : z.small())
                .in("x", Kind.ACTIVATION, up ? z.small() : z.big())
                .run((ops, t) -> ops.resampleForward(t.tensor("y"), t.tensor("x"), resample));
    }

    static OperationCase backward(Problem z, Resample resample, boolean accumulate) {
        boolean up = resample == Resample.UP;
        return OperationCase.of("resampleBackward", z + " " + resample + (accumulate ? " +=" : ""))
                .gradient("dx", Kind.ACTIVATION, accumulate, up ? z.small() : z.big())
                .in("dy", Kind.ACTIVATION, up ? z.big() : z.small())
                .run((ops, t) -> ops.resampleBackward(t.tensor("dx"), t.tensor("dy"), resample, accumulate));
    }

    static OperationCase maxPoolForward(Problem z, Values values, String note) {
        return OperationCase.of("maxPool2Forward", z + note)
                .out("y", Kind.ACTIVATION, z.small())
                .out("argmax", Kind.UINT8, z.small())
                .in("x", Kind.ACTIVATION, values, z.big())
                .run((ops, t) -> ops.maxPool2Forward(t.tensor("y"), t.tensor("argmax"), t.tensor("x")));
    }

    static OperationCase maxPoolBackward(Problem z, boolean accumulate) {
        return OperationCase.of("maxPool2Backward", z + (accumulate ? " +=" : ""))
                .gradient("dx", Kind.ACTIVATION, accumulate, z.big())
                .in("dy", Kind.ACTIVATION, z.small())
                .in("argmax", Kind.UINT8, Values.integers(0, 4), z.small())
                .run((ops, t) -> ops.maxPool2Backward(t.tensor("dx"), t.tensor("dy"), t.tensor("argmax"), accumulate));
    }

    static OperationCase bilinearForward(Problem z) {
        return OperationCase.of("bilinearUp2Forward", z.toString())
                .out("y", Kind.ACTIVATION, z.big())
                .in("x", Kind.ACTIVATION, z.small())
                .run((ops, t) -> ops.bilinearUp2Forward(t.tensor("y"), t.tensor("x")));
    }

    static OperationCase bilinearBackward(Problem z) {
        return OperationCase.of("bilinearUp2Backward", z.toString())
                .out("dx", Kind.ACTIVATION, z.small())
                .in("dy", Kind.ACTIVATION, z.big())
                .run((ops, t) -> ops.bilinearUp2Backward(t.tensor("dx"), t.tensor("dy")));
    }

    private static OperationCase copyChannels(
            String variant,
            Kind yKind,
            Kind xKind,
            int n,
            int yChannels,
            int yOffset,
            int xChannels,
            int xOffset,
            int count) {
        return OperationCase.of("copyChannels", variant)
                .updated("y", yKind, n, 3, 5, yChannels)
                .in("x", xKind, n, 3, 5, xChannels)
                .run((ops, t) -> ops.copyChannels(t.tensor("y"), yOffset, t.tensor("x"), xOffset, count));
    }
}
