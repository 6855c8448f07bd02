package io.diffusionad.testkit.cases;

import io.diffusionad.ops.Activation;
import io.diffusionad.ops.Resample;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.testkit.Operand.Kind;
import io.diffusionad.testkit.OperationCase;
import io.diffusionad.testkit.PlacedOperands;
import io.diffusionad.testkit.Values;

import java.util.List;
import java.util.function.Consumer;

/**
 * Group norm over one and two sources with every activation and resampling, batch norm in both modes; also values far
 * from zero.
 */
final class NormalizationCases {
    private static final float EPS = 1e-5f;
    private static final float MOMENTUM = 0.1f;
    private static final Values SCALE = Values.normalAround(1, 0.2);
    private static final Values SHIFT = Values.normal(0.2);

    /** Input (n, h, w, c1) and, when c2 is positive, a tail (n, h, w, c2). */
    record Problem(int n, int h, int w, int c1, int c2, int groups, Values values, String note) {
        static Problem of(int n, int h, int w, int c1, int c2, int groups) {
            return new Problem(n, h, w, c1, c2, groups, Values.normalAround(0.3, 1.5), "");
        }

        int channels() {
            return c1 + c2;
        }

        Tensor tail(PlacedOperands t, String name) {
            return c2 > 0 ? t.tensor(name) : null;
        }

        @Override
        public String toString() {
            return "%dx%dx%dx%d in %d groups%s".formatted(n, h, w, channels(), groups, note)
                    + (c2 > 0 ? " from %d and %d channels".formatted(c1, c2) : "");
        }
    }

    // At least three values a statistic: two are always ±1 when normalised, and their gradient is nothing but rounding.
    private static final List<Problem> GROUP_NORM = List.of(
            Problem.of(1, 1, 1, 3, 0, 1),
            Problem.of(1, 4, 1, 32, 0, 32),
            Problem.of(3, 6, 10, 32, 0, 32),
            Problem.of(3, 2, 4, 64, 0, 32),
            Problem.of(1, 8, 6, 96, 0, 32),
            Problem.of(2, 16, 18, 40, 0, 4),
            Problem.of(3, 4, 6, 20, 0, 5),
            Problem.of(3, 4, 6, 64, 32, 32),
            Problem.of(3, 4, 6, 40, 56, 32),
            Problem.of(1, 2, 8, 33, 63, 32),
            new Problem(2, 4, 6, 64, 0, 32, Values.normalAround(100, 1), " far from zero"));

    private static final List<Problem> BATCH_NORM = List.of(
            Problem.of(1, 1, 3, 1, 0, 1),
            Problem.of(3, 5, 7, 3, 0, 1),
            Problem.of(3, 4, 6, 33, 0, 1),
            Problem.of(1, 9, 11, 64, 0, 1),
            Problem.of(2, 33, 17, 16, 0, 1),
            new Problem(3, 5, 4, 24, 0, 1, Values.normalAround(100, 1), " far from zero"));

    private NormalizationCases() {}

    static void addTo(Consumer<OperationCase> table) {
        for (Problem problem : GROUP_NORM) {
            for (Resample resample : Resample.values()) {
                boolean odd = problem.h % 2 == 1 || problem.w % 2 == 1;
                if (resample == Resample.DOWN && odd) {
                    continue;
                }
                table.accept(groupNormForward(problem, Activation.SILU, resample));
                table.accept(groupNormBackward(problem, Activation.SILU, resample, false));
                table.accept(groupNormBackward(problem, Activation.SILU, resample, true));
            }
            table.accept(groupNormForward(problem, Activation.NONE, Resample.NONE));
            table.accept(groupNormBackward(problem, Activation.NONE, Resample.NONE, false));
        }
        for (Problem problem : BATCH_NORM) {
            for (Activation activation : List.of(Activation.NONE, Activation.RELU)) {
                table.accept(batchNormForwardTraining(problem, activation));
                table.accept(batchNormForwardInference(problem, activation));
                table.accept(batchNormBackward(problem, activation, false));
                table.accept(batchNormBackward(problem, activation, true));
            }
        }
    }

    static List<Problem> groupNormProblems() {
        return GROUP_NORM;
    }

    static OperationCase groupNormForward(Problem z, Activation activation, Resample resample) {
        OperationCase.Builder builder = OperationCase.of("groupNormForward", z + " " + activation + " " + resample)
                .out("y", Kind.ACTIVATION, z.n, resample.apply(z.h), resample.apply(z.w), z.channels())
                .out("mean", Kind.FLOAT32, z.n, z.groups)
                .out("rstd", Kind.FLOAT32, z.n, z.groups);
        return sources(builder, z)
                .run((ops, t) -> ops.groupNormForward(
                        t.tensor("y"),
                        t.tensor("mean"),
                        t.tensor("rstd"),
                        t.tensor("x"),
                        z.tail(t, "xTail"),
                        t.tensor("gamma"),
                        t.tensor("beta"),
                        z.groups,
                        EPS,
                        activation,
                        resample));
    }

    static OperationCase groupNormBackward(Problem z, Activation activation, Resample resample, boolean accumulate) {
        OperationCase.Builder builder = OperationCase.of(
                        "groupNormBackward", z + " " + activation + " " + resample + (accumulate ? " +=" : ""))
                .gradient("dx", Kind.ACTIVATION, accumulate, z.n, z.h, z.w, z.c1)
                .updated("dgamma", Kind.PARAMETER, z.channels())
                .updated("dbeta", Kind.PARAMETER, z.channels())
                .in("dy", Kind.ACTIVATION, z.n, resample.apply(z.h), resample.apply(z.w), z.channels())
                .in("mean", Kind.FLOAT32, z.n, z.groups)
                .in("rstd", Kind.FLOAT32, z.n, z.groups);
        if (z.c2 > 0) {
            builder.gradient("dxTail", Kind.ACTIVATION, accumulate, z.n, z.h, z.w, z.c2);
        }
        builder.scratch("y", Kind.ACTIVATION, z.n, z.h, z.w, z.channels());
        return sources(builder, z)
                .prepare((ops, t) -> ops.groupNormForward(
                        t.tensor("y"),
                        t.tensor("mean"),
                        t.tensor("rstd"),
                        t.tensor("x"),
                        z.tail(t, "xTail"),
                        t.tensor("gamma"),
                        t.tensor("beta"),
                        z.groups,
                        EPS,
                        Activation.NONE,
                        Resample.NONE))
                .run((ops, t) -> ops.groupNormBackward(
                        t.tensor("dx"),
                        z.tail(t, "dxTail"),
                        t.tensor("dgamma"),
                        t.tensor("dbeta"),
                        t.tensor("dy"),
                        t.tensor("x"),
                        z.tail(t, "xTail"),
                        t.tensor("mean"),
                        t.tensor("rstd"),
                        t.tensor("gamma"),
                        t.tensor("beta"),
                        z.groups,
                        activation,
                        resample,
                        accumulate));
    }

    /** x, xTail, gamma and beta. */
    static OperationCase.Builder sources(OperationCase.Builder builder, Problem z) {
        builder.in("x", Kind.ACTIVATION, z.values, z.n, z.h, z.w, z.c1);
        if (z.c2 > 0) {
            builder.in("xTail", Kind.ACTIVATION, z.values, z.n, z.h, z.w, z.c2);
        }
        return builder.in("gamma", Kind.PARAMETER, SCALE, z.channels()).in("beta", Kind.PARAMETER, SHIFT, z.channels());
    }

    static OperationCase batchNormForwardTraining(Problem z, Activation activation) {
        return OperationCase.of("batchNormForwardTraining", z + " " + activation)
                .out("y", Kind.ACTIVATION, z.n, z.h, z.w, z.c1)
                .out("mean", Kind.FLOAT32, z.c1)
                .out("rstd", Kind.FLOAT32, z.c1)
                .updated("runningMean", Kind.PARAMETER, z.c1)
                .updated("runningVar", Kind.PARAMETER, Values.uniform(0.5, 2), z.c1)
                .in("x", Kind.ACTIVATION, z.values, z.n, z.h, z.w, z.c1)
                .in("gamma", Kind.PARAMETER, SCALE, z.c1)
                .in("beta", Kind.PARAMETER, SHIFT, z.c1)
                .run((ops, t) -> ops.batchNormForwardTraining(
                        t.tensor("y"),
                        t.tensor("mean"),
                        t.tensor("rstd"),
                        t.tensor("runningMean"),
                        t.tensor("runningVar"),
                        t.tensor("x"),
                        t.tensor("gamma"),
                        t.tensor("beta"),
                        MOMENTUM,
                        EPS,
                        activation));
    }

    static OperationCase batchNormForwardInference(Problem z, Activation activation) {
        return OperationCase.of("batchNormForwardInference", z + " " + activation)
                .out("y", Kind.ACTIVATION, z.n, z.h, z.w, z.c1)
                .in("x", Kind.ACTIVATION, z.values, z.n, z.h, z.w, z.c1)
                .in("gamma", Kind.PARAMETER, SCALE, z.c1)
                .in("beta", Kind.PARAMETER, SHIFT, z.c1)
                .in("runningMean", Kind.PARAMETER, z.c1)
                .in("runningVar", Kind.PARAMETER, Values.uniform(0.5, 2), z.c1)
                .run((ops, t) -> ops.batchNormForwardInference(
                        t.tensor("y"),
                        t.tensor("x"),
                        t.tensor("gamma"),
                        t.tensor("beta"),
                        t.tensor("runningMean"),
                        t.tensor("runningVar"),
                        EPS,
                        activation));
    }

    /** @param inPlace dx is dy */
    static OperationCase batchNormBackward(Problem z, Activation activation, boolean inPlace) {
        OperationCase.Builder builder =
                OperationCase.of("batchNormBackward", z + " " + activation + (inPlace ? " in place" : ""));
        if (inPlace) {
            builder.updated("dy", Kind.ACTIVATION, z.n, z.h, z.w, z.c1);
        } else {
            builder.in("dy", Kind.ACTIVATION, z.n, z.h, z.w, z.c1).out("dx", Kind.ACTIVATION, z.n, z.h, z.w, z.c1);
        }
        return builder.updated("dgamma", Kind.PARAMETER, z.c1)
                .updated("dbeta", Kind.PARAMETER, z.c1)
                .in("x", Kind.ACTIVATION, z.values, z.n, z.h, z.w, z.c1)
                .in("mean", Kind.FLOAT32, z.c1)
                .in("rstd", Kind.FLOAT32, z.c1)
                .in("gamma", Kind.PARAMETER, SCALE, z.c1)
                .in("beta", Kind.PARAMETER, SHIFT, z.c1)
                .scratch("y", Kind.ACTIVATION, z.n, z.h, z.w, z.c1)
                .scratch("runningMean", Kind.FLOAT32, z.c1)
                .scratch("runningVar", Kind.FLOAT32, z.c1)
                .prepare((ops, t) -> ops.batchNormForwardTraining(
                        t.tensor("y"),
                        t.tensor("mean"),
                        t.tensor("rstd"),
                        t.tensor("runningMean"),
                        t.tensor("runningVar"),
                        t.tensor("x"),
                        t.tensor("gamma"),
                        t.tensor("beta"),
                        MOMENTUM,
                        EPS,
                        Activation.NONE))
                .run((ops, t) -> ops.batchNormBackward(
                        t.tensor(inPlace ? "dy" : "dx"),
                        t.tensor("dgamma"),
                        t.tensor("dbeta"),
                        t.tensor("dy"),
                        t.tensor("x"),
                        t.tensor("mean"),
                        t.tensor("rstd"),
                        t.tensor("gamma"),
                        t.tensor("beta"),
                        activation));
    }
}
