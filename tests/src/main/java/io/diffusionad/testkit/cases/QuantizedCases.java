package io.diffusionad.testkit.cases;

import io.diffusionad.ops.Activation;
import io.diffusionad.ops.Quantization;
import io.diffusionad.ops.Resample;
import io.diffusionad.testkit.Operand.Kind;
import io.diffusionad.testkit.OperationCase;
import io.diffusionad.testkit.Values;

import java.util.function.Consumer;

/**
 * Int8 inference: normalisations that write 8 bits, some of them clamped, convolutions that read them, with and without
 * a zero point, and those that round.
 */
final class QuantizedCases {
    private static final float EPS = 1e-5f;
    /** Covers most of what SiLU makes of a normalised value; the few greatest are clamped. */
    private static final Quantization SILU = Quantization.covering(-0.2785f, 2.5f);

    private static final Quantization FROM_ZERO = new Quantization(0.013f, 0);

    private QuantizedCases() {}

    static void addTo(Consumer<OperationCase> table) {
        for (NormalizationCases.Problem problem : NormalizationCases.groupNormProblems()) {
            for (Resample resample : Resample.values()) {
                if (resample != Resample.DOWN || problem.h() % 2 == 0 && problem.w() % 2 == 0) {
                    table.accept(groupNorm(problem, SILU, Activation.SILU, resample));
                }
            }
            table.accept(groupNorm(problem, FROM_ZERO, Activation.NONE, Resample.NONE));
        }
        for (ConvolutionCases.Problem problem : ConvolutionCases.problems()) {
            for (ConvolutionCases.Fused fused : ConvolutionCases.Fused.combinations(problem)) {
                table.accept(convolution(problem, SILU, fused));
            }
            table.accept(convolution(problem, FROM_ZERO, ConvolutionCases.Fused.BIAS));
        }
        table.accept(rounded(1, 1, 1, 1, 0, 1));
        table.accept(rounded(2, 5, 7, 33, 0, 18));
        table.accept(rounded(1, 9, 7, 37, 5, 50));
        table.accept(rounded(2, 8, 8, 64, 96, 130));
        table.accept(rounded(1, 11, 13, 256, 3, 65));
    }

    /** @param tail channels of a second input, or none */
    private static OperationCase rounded(int n, int h, int w, int c, int tail, int k) {
        OperationCase.Builder builder = OperationCase.of(
                        "conv2dForwardRounded", "%dx%dx%dx%d+%d to %d channels".formatted(n, h, w, c, tail, k))
                .out("y", Kind.ACTIVATION, n, h, w, k)
                .in("x", Kind.ACTIVATION, n, h, w, c);
        if (tail > 0) {
            builder.in("xTail", Kind.ACTIVATION, Values.normal(2), n, h, w, tail);
        }
        return builder.in("w", Kind.PARAMETER, Values.normal(1 / Math.sqrt(c + tail)), k, 1, 1, c + tail)
                .in("bias", Kind.PARAMETER, k)
                .run((ops, t) -> ops.conv2dForwardRounded(
                        t.tensor("y"),
                        t.tensor("x"),
                        tail > 0 ? t.tensor("xTail") : null,
                        t.weight("w"),
                        t.tensor("bias")));
    }

    /** Sizes that Winograd's algorithm takes. */
    static void addLargeTo(Consumer<OperationCase> table) {
        for (ConvolutionCases.Problem problem : ConvolutionCases.largeProblems()) {
            table.accept(convolution(problem, SILU, ConvolutionCases.Fused.EVERYTHING));
        }
        ConvolutionCases.Problem last = ConvolutionCases.largeProblems()
                .get(ConvolutionCases.largeProblems().size() - 1);
        for (ConvolutionCases.Fused fused : ConvolutionCases.Fused.combinations(last)) {
            table.accept(convolution(last, FROM_ZERO, fused));
        }
    }

    private static OperationCase groupNorm(
            NormalizationCases.Problem z, Quantization quantization, Activation activation, Resample resample) {
        OperationCase.Builder builder = OperationCase.of(
                        "groupNormForwardQuantized", z + " " + activation + " " + resample + note(quantization))
                .out("y", Kind.QUANTIZED, z.n(), resample.apply(z.h()), resample.apply(z.w()), z.channels())
                .out("mean", Kind.FLOAT32, z.n(), z.groups())
                .out("rstd", Kind.FLOAT32, z.n(), z.groups());
        return NormalizationCases.sources(builder, z)
                .run((ops, t) -> ops.groupNormForwardQuantized(
                        t.tensor("y"),
                        quantization,
                        t.tensor("mean"),
                        t.tensor("rstd"),
                        t.tensor("x"),
                        z.tail(t, "xTail"),
                        t.tensor("gamma"),
                        t.tensor("beta"),
                        z.groups(),
                        EPS,
                        activation,
                        resample));
    }

    private static OperationCase convolution(
            ConvolutionCases.Problem z, Quantization quantization, ConvolutionCases.Fused fused) {
        OperationCase.Builder builder = OperationCase.of(
                        "conv2dForwardQuantized", z + fused.toString() + note(quantization))
                .gradient("y", Kind.ACTIVATION, fused.accumulate(), z.n(), z.p(), z.q(), z.k())
                .in("x", Kind.QUANTIZED, Values.uniform(0, 255), z.n(), z.h(), z.w(), z.c())
                .largeConvolution(ConvolutionCases.isLarge(z));
        return ConvolutionCases.parameters(builder, z, fused, Kind.ACTIVATION)
                .run((ops, t) -> ops.conv2dForwardQuantized(
                        t.tensor("y"), t.tensor("x"), quantization, t.weight("w"), fused.epilogue(t), z.geometry()));
    }

    private static String note(Quantization quantization) {
        return ", zero at " + quantization.zeroPoint();
    }
}
