package io.diffusionad.testkit.cases;

import io.diffusionad.ops.Activation;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.testkit.Operand.Kind;
import io.diffusionad.testkit.OperationCase;
import io.diffusionad.testkit.PlacedOperands;
import io.diffusionad.testkit.Values;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Convolutions: kernel 1 and 3, stride 1 and 2, every epilogue, channel ranges of a wider weight, mixed types at a
 * network's ends.
 */
final class ConvolutionCases {
    /** A problem: input (n, h, w, c), k output channels, a weight of cw input channels. */
    record Problem(int n, int h, int w, int c, int k, Conv2d geometry, int cw) {
        static Problem of(int n, int h, int w, int c, int k, int kernel, int stride) {
            return new Problem(n, h, w, c, k, Conv2d.of(kernel, stride), c);
        }

        Problem at(int offset, int weightChannels) {
            return new Problem(n, h, w, c, k, geometry.withInputOffset(offset), weightChannels);
        }

        int p() {
            return geometry.outputSize(h);
        }

        int q() {
            return geometry.outputSize(w);
        }

        int[] weightShape() {
            return new int[] {k, geometry.kernel(), geometry.kernel(), cw};
        }

        Values weights() {
            return Values.normal(1 / Math.sqrt((double) geometry.kernel() * geometry.kernel() * c));
        }

        /** A network's stem reads a float32 image, its last layer writes float32. */
        Kind inputKind() {
            return c <= 8 ? Kind.FLOAT32 : Kind.ACTIVATION;
        }

        Kind outputKind() {
            return k <= 8 && c > 8 ? Kind.FLOAT32 : Kind.ACTIVATION;
        }

        @Override
        public String toString() {
            return "%dx%dx%dx%d to %d channels, kernel %d, stride %d"
                            .formatted(n, h, w, c, k, geometry.kernel(), geometry.stride())
                    + (cw == c ? "" : ", channels %d… of %d".formatted(geometry.inputOffset(), cw));
        }
    }

    private static final List<Problem> AWKWARD = List.of(
            Problem.of(3, 1, 1, 1, 1, 1, 1),
            Problem.of(1, 1, 1, 5, 3, 3, 1),
            Problem.of(3, 5, 7, 3, 17, 3, 1),
            Problem.of(2, 9, 6, 6, 16, 3, 1),
            Problem.of(3, 4, 6, 17, 1, 3, 1),
            Problem.of(1, 6, 5, 32, 3, 3, 1),
            Problem.of(1, 8, 8, 32, 64, 3, 1),
            Problem.of(1, 17, 15, 16, 15, 3, 1),
            Problem.of(1, 3, 5, 129, 127, 3, 1),
            Problem.of(3, 1, 9, 24, 40, 3, 1),
            Problem.of(2, 33, 31, 8, 12, 3, 1),
            Problem.of(3, 7, 5, 33, 31, 3, 2),
            Problem.of(2, 8, 6, 16, 24, 3, 2),
            Problem.of(1, 1, 2, 12, 12, 3, 2),
            Problem.of(1, 6, 8, 10, 14, 1, 2),
            Problem.of(1, 9, 9, 64, 65, 1, 1),
            Problem.of(3, 5, 3, 63, 32, 1, 1),
            Problem.of(2, 4, 4, 96, 288, 1, 1),
            Problem.of(1, 7, 10, 265, 135, 1, 1).at(6, 280),
            Problem.of(3, 6, 5, 20, 12, 1, 1).at(7, 40),
            Problem.of(3, 6, 5, 20, 12, 3, 1).at(20, 40),
            Problem.of(1, 4, 6, 32, 48, 3, 1).at(0, 80));

    /**
     * Images and channels enough for algorithms that pay only then, such as Winograd's; no size is a multiple of its
     * tiles of 4x4 pixels.
     */
    private static final List<Problem> LARGE = List.of(
            Problem.of(2, 33, 34, 33, 47, 3, 1),
            Problem.of(1, 35, 31, 40, 65, 3, 1).at(20, 90),
            Problem.of(1, 34, 41, 129, 32, 3, 1),
            Problem.of(2, 34, 33, 67, 96, 3, 1),
            Problem.of(1, 66, 65, 65, 64, 3, 1));

    /** The same with few of these tiles, and more channels than the processor's loops transform at a time. */
    private static final List<Problem> FEW_TILES = List.of(
            Problem.of(1, 9, 11, 240, 65, 3, 1),
            Problem.of(3, 10, 7, 67, 250, 3, 1),
            Problem.of(2, 8, 13, 470, 66, 3, 1).at(3, 480));

    private ConvolutionCases() {}

    static void addTo(Consumer<OperationCase> table) {
        for (Problem problem : AWKWARD) {
            for (Fused fused : Fused.combinations(problem)) {
                table.accept(forward(problem, fused));
            }
            for (boolean accumulate : List.of(false, true)) {
                table.accept(backwardData(problem, accumulate));
                table.accept(backwardWeights(problem, accumulate));
            }
        }
    }

    static void addLargeTo(Consumer<OperationCase> table) {
        addLargeTo(table, LARGE);
    }

    static void addFewTilesTo(Consumer<OperationCase> table) {
        addLargeTo(table, FEW_TILES);
    }

    private static void addLargeTo(Consumer<OperationCase> table, List<Problem> problems) {
        for (Problem problem : problems) {
            for (Fused fused : problem.n > 1 ? Fused.combinations(problem) : List.of(Fused.BIAS, Fused.EVERYTHING)) {
                table.accept(forward(problem, fused));
            }
            for (boolean accumulate : List.of(false, true)) {
                table.accept(backwardData(problem, accumulate));
            }
            table.accept(backwardWeights(problem, true));
        }
    }

    /** What the epilogue holds; {@code accumulate}: the residual is y itself. */
    record Fused(boolean bias, boolean channelBias, boolean residual, boolean accumulate, Activation activation) {
        static final Fused BIAS = new Fused(true, false, false, false, Activation.NONE);
        static final Fused EVERYTHING = new Fused(true, true, true, false, Activation.SILU);

        static List<Fused> combinations(Problem problem) {
            List<Fused> all = new ArrayList<>(List.of(
                    new Fused(false, false, false, false, Activation.NONE),
                    BIAS,
                    new Fused(true, true, false, false, Activation.NONE),
                    new Fused(true, false, true, false, Activation.NONE),
                    new Fused(false, false, true, true, Activation.NONE),
                    EVERYTHING,
                    new Fused(true, false, false, false, Activation.RELU)));
            if (problem.k == 1) {
                all.add(new Fused(true, false, false, false, Activation.SIGMOID));
            }
            return all;
        }

        Epilogue epilogue(PlacedOperands t) {
            return new Epilogue(
                    bias ? t.tensor("bias") : null,
                    channelBias ? t.tensor("channelBias") : null,
                    residualTensor(t),
                    activation);
        }

        private Tensor residualTensor(PlacedOperands t) {
            return accumulate ? t.tensor("y") : residual ? t.tensor("residual") : null;
        }

        @Override
        public String toString() {
            return (bias ? " +bias" : "")
                    + (channelBias ? " +channelBias" : "")
                    + (accumulate ? " +=" : residual ? " +residual" : "")
                    + (activation == Activation.NONE ? "" : " " + activation);
        }
    }

    static boolean isLarge(Problem z) {
        return LARGE.contains(z) || FEW_TILES.contains(z);
    }

    static List<Problem> problems() {
        return AWKWARD;
    }

    static List<Problem> largeProblems() {
        return Stream.concat(LARGE.stream(), FEW_TILES.stream()).toList();
    }

    static OperationCase forward(Problem z, Fused fused) {
        OperationCase.Builder builder = OperationCase.of("conv2dForward", z + fused.toString())
                .gradient("y", z.outputKind(), fused.accumulate(), z.n, z.p(), z.q(), z.k)
                .in("x", z.inputKind(), z.n, z.h, z.w, z.c)
                .largeConvolution(isLarge(z));
        return parameters(builder, z, fused, z.outputKind())
                .run((ops, t) ->
                        ops.conv2dForward(t.tensor("y"), t.tensor("x"), t.weight("w"), fused.epilogue(t), z.geometry));
    }

    /** Weight and epilogue of a forward case. @param outputKind of y */
    static OperationCase.Builder parameters(OperationCase.Builder builder, Problem z, Fused fused, Kind outputKind) {
        builder.in("w", Kind.PARAMETER, z.weights(), z.weightShape());
        if (fused.bias()) {
            builder.in("bias", Kind.PARAMETER, z.k);
        }
        if (fused.channelBias()) {
            builder.in("channelBias", Kind.FLOAT32, z.n, z.k);
        }
        if (fused.residual() && !fused.accumulate()) {
            builder.in("residual", outputKind, z.n, z.p(), z.q(), z.k);
        }
        return builder;
    }

    static OperationCase backwardData(Problem z, boolean accumulate) {
        return OperationCase.of("conv2dBackwardData", z + (accumulate ? " +=" : ""))
                .gradient("dx", z.inputKind(), accumulate, z.n, z.h, z.w, z.c)
                .in("dy", z.outputKind(), z.n, z.p(), z.q(), z.k)
                .in("w", Kind.PARAMETER, z.weights(), z.weightShape())
                .largeConvolution(isLarge(z))
                .run((ops, t) ->
                        ops.conv2dBackwardData(t.tensor("dx"), t.tensor("dy"), t.weight("w"), z.geometry, accumulate));
    }

    static OperationCase backwardWeights(Problem z, boolean withBias) {
        OperationCase.Builder builder = OperationCase.of("conv2dBackwardWeights", z + (withBias ? " +dbias" : ""))
                .updated("dw", Kind.PARAMETER, z.weightShape())
                .in("dy", z.outputKind(), z.n, z.p(), z.q(), z.k)
                .in("x", z.inputKind(), z.n, z.h, z.w, z.c)
                .largeConvolution(isLarge(z));
        if (withBias) {
            builder.updated("dbias", Kind.PARAMETER, z.k);
        }
        return builder.run((ops, t) -> ops.conv2dBackwardWeights(
                t.tensor("dw"), withBias ? t.tensor("dbias") : null, t.tensor("dy"), t.tensor("x"), z.geometry));
    }
}
