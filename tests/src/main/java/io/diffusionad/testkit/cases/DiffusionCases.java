package io.diffusionad.testkit.cases;

import io.diffusionad.testkit.Operand.Kind;
import io.diffusionad.testkit.OperationCase;
import io.diffusionad.testkit.Values;

import java.util.List;
import java.util.function.Consumer;

/**
 * The diffusion formulas; coefficients of the size that timesteps near 0 and near the end have, so that both clamps act
 * and don't.
 */
final class DiffusionCases {
    private static final List<int[]> SHAPES =
            List.of(new int[] {1, 1, 1, 3}, new int[] {3, 5, 7, 3}, new int[] {2, 16, 17, 3});

    private DiffusionCases() {}

    static void addTo(Consumer<OperationCase> table) {
        for (int[] shape : SHAPES) {
            String size = "%dx%dx%dx%d".formatted(shape[0], shape[1], shape[2], shape[3]);
            addNoise(table, size, shape);
            addPrediction(table, size, shape);
            for (double w : new double[] {0, 1, 2.5}) {
                addGuidance(table, size, shape, (float) w);
            }
            addSampler(table, size, shape);
        }
        table.accept(OperationCase.of("gaussianNoise", "5 channels, samples beyond 32 bits")
                .float32Only()
                .out("y", Kind.FLOAT32, 3, 3, 7, 5)
                .in("samples", Kind.INT64, random -> random.nextLong(1L << 32, 1L << 50), 3)
                .run((ops, t) -> ops.gaussianNoise(t.tensor("y"), t.tensor("samples"), 0xFEDC_BA98_7654_3210L, 3)));
    }

    private static void addNoise(Consumer<OperationCase> table, String size, int[] shape) {
        table.accept(OperationCase.of("gaussianNoise", size)
                .float32Only()
                .out("y", Kind.FLOAT32, shape)
                .in("samples", Kind.INT64, Values.integers(0, 1000), shape[0])
                .run((ops, t) -> ops.gaussianNoise(t.tensor("y"), t.tensor("samples"), 42, 2)));
        table.accept(OperationCase.of("addNoise", size)
                .float32Only()
                .out("xt", Kind.FLOAT32, shape)
                .in("x0", Kind.FLOAT32, Values.uniform(0, 1), shape)
                .in("noise", Kind.FLOAT32, shape)
                .in("coefficients", Kind.FLOAT32, Values.uniform(0, 1), shape[0], 2)
                .run((ops, t) ->
                        ops.addNoise(t.tensor("xt"), t.tensor("x0"), t.tensor("noise"), t.tensor("coefficients"))));
    }

    private static void addPrediction(Consumer<OperationCase> table, String size, int[] shape) {
        for (double largest : new double[] {1, 100}) {
            table.accept(OperationCase.of("predictX0", size + " coefficients up to " + (int) largest)
                    .float32Only()
                    .out("x0", Kind.FLOAT32, shape)
                    .in("xt", Kind.FLOAT32, shape)
                    .in("eps", Kind.FLOAT32, shape)
                    .in("coefficients", Kind.FLOAT32, Values.uniform(largest / 2, largest), shape[0], 2)
                    .run((ops, t) ->
                            ops.predictX0(t.tensor("x0"), t.tensor("xt"), t.tensor("eps"), t.tensor("coefficients"))));
        }
    }

    private static OperationCase.Builder images(OperationCase.Builder builder, int[] shape) {
        return builder.in("xtSmall", Kind.FLOAT32, Values.normal(0.5), shape)
                .in("xtBig", Kind.FLOAT32, Values.normal(0.5), shape)
                .in("epsSmall", Kind.FLOAT32, shape)
                .in("epsBig", Kind.FLOAT32, shape)
                .in("coefficients", Kind.FLOAT32, Values.uniform(0.3, 1.2), shape[0], 6);
    }

    private static void addGuidance(Consumer<OperationCase> table, String size, int[] shape, float w) {
        for (boolean all : List.of(true, false)) {
            OperationCase.Builder builder = OperationCase.of(
                            "normGuidanceForward", size + " w=" + w + (all ? "" : ", guided only"))
                    .float32Only()
                    .out("x0Guided", Kind.FLOAT32, shape);
            if (all) {
                builder.out("x0Noisier", Kind.FLOAT32, shape).out("xtRenoised", Kind.FLOAT32, shape);
            }
            table.accept(images(builder, shape)
                    .run((ops, t) -> ops.normGuidanceForward(
                            t.tensor("x0Guided"),
                            all ? t.tensor("x0Noisier") : null,
                            all ? t.tensor("xtRenoised") : null,
                            t.tensor("xtSmall"),
                            t.tensor("xtBig"),
                            t.tensor("epsSmall"),
                            t.tensor("epsBig"),
                            t.tensor("coefficients"),
                            w)));
        }
        table.accept(images(
                        OperationCase.of("normGuidanceBackward", size + " w=" + w)
                                .float32Only()
                                .out("depsSmall", Kind.FLOAT32, shape)
                                .out("depsBig", Kind.FLOAT32, shape)
                                .in("dx0Guided", Kind.FLOAT32, shape),
                        shape)
                .run((ops, t) -> ops.normGuidanceBackward(
                        t.tensor("depsSmall"),
                        t.tensor("depsBig"),
                        t.tensor("dx0Guided"),
                        t.tensor("xtSmall"),
                        t.tensor("xtBig"),
                        t.tensor("epsSmall"),
                        t.tensor("epsBig"),
                        t.tensor("coefficients"),
                        w)));
    }

    private static void addSampler(Consumer<OperationCase> table, String size, int[] shape) {
        for (boolean noisy : List.of(true, false)) {
            for (boolean inPlace : List.of(true, false)) {
                OperationCase.Builder builder = OperationCase.of(
                                "samplerStep", size + (noisy ? "" : " without noise") + (inPlace ? " in place" : ""))
                        .float32Only()
                        .out("x0", Kind.FLOAT32, shape)
                        .in("eps", Kind.FLOAT32, shape)
                        .in("coefficients", Kind.FLOAT32, Values.uniform(0.1, 1.1), shape[0], 5);
                if (inPlace) {
                    builder.updated("xt", Kind.FLOAT32, shape);
                } else {
                    builder.in("xt", Kind.FLOAT32, shape).out("xPrevious", Kind.FLOAT32, shape);
                }
                if (noisy) {
                    builder.in("noise", Kind.FLOAT32, shape);
                }
                table.accept(builder.run((ops, t) -> ops.samplerStep(
                        t.tensor(inPlace ? "xt" : "xPrevious"),
                        t.tensor("x0"),
                        t.tensor("xt"),
                        t.tensor("eps"),
                        noisy ? t.tensor("noise") : null,
                        t.tensor("coefficients"))));
            }
        }
    }
}
