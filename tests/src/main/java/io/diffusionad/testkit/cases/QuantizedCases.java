package io.diffusionad.testkit.cases;

import io.diffusionad.ops.Activation;
import io.diffusionad.ops.Quantization;
import io.diffusionad.ops.Resample;
import io.diffusionad.testkit.Operand.Kind;
import io.diffusionad.testkit.OperationCase;
import io.diffusionad.testkit.Values;

import java.util.List;
import java.util.function.Consumer;

/** Int8 inference: normalisations that write 8 bits, some of them clamped, and convolutions that read them, with and without a zero point. */
final class QuantizedCases {
    private static final float EPS = 1e-5f;
    /** Covers most of what SiLU makes of a normalised value; the few greatest are clamped. */
    private static final Quantization SILU = Quantization.covering(-0.2785f, 2.5f);
    private static final Quantization FROM_ZERO = new Quantization(0.013f, 0);

    private QuantizedCases() { }

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
    }

    /** Sizes that Winograd's algorithm takes. */
    static void addLargeTo(Consumer<OperationCase> table) {
        for (ConvolutionCases.Problem problem : ConvolutionCases.largeProblems()) {
            table.accept(convolution(problem, SILU, ConvolutionCases.Fused.EVERYTHING));
        }
        ConvolutionCases.Problem last = ConvolutionCases.largeProblems().get(ConvolutionCases.largeProblems().size() - 1);
        for (ConvolutionCases.Fused fused : ConvolutionCases.Fused.combinations(last)) {
            table.accept(convolution(last, FROM_ZERO, fused));
        }
    }

    private static OperationCase groupNorm(NormalizationCases.Problem z, Quantization quantization, Activation activation, Resample resample) {
        OperationCase.Builder builder = OperationCase.of("groupNormForwardQuantized", z + " " + activation + " " + resample + note(quantization))
                .out("y", Kind.QUANTIZED, z.n(), resample.apply(z.h()), resample.apply(z.w()), z.channels())
                .out("mean", Kind.FLOAT32, z.n(), z.groups())
                .out("rstd", Kind.FLOAT32, z.n(), z.groups());
        return NormalizationCases.sources(builder, z).run((ops, t) -> ops.groupNormForwardQuantized(t.tensor("y"), quantization, t.tensor("mean"),
                t.tensor("rstd"), t.tensor("x"), z.tail(t, "xTail"), t.tensor("gamma"), t.tensor("beta"), z.groups(), EPS, activation, resample));
    }

    private static OperationCase convolution(ConvolutionCases.Problem z, Quantization quantization, ConvolutionCases.Fused fused) {
        OperationCase.Builder builder = OperationCase.of("conv2dForwardQuantized", z + fused.toString() + note(quantization))
                .gradient("y", Kind.ACTIVATION, fused.accumulate(), z.n(), z.p(), z.q(), z.k())
                .in("x", Kind.QUANTIZED, Values.uniform(0, 255), z.n(), z.h(), z.w(), z.c())
                .largeConvolution(ConvolutionCases.isLarge(z));
        return ConvolutionCases.parameters(builder, z, fused, Kind.ACTIVATION).run((ops, t) -> ops.conv2dForwardQuantized(t.tensor("y"), t.tensor("x"),
                quantization, t.weight("w"), fused.epilogue(t), z.geometry()));
    }

    private static String note(Quantization quantization) {
        return ", zero at " + quantization.zeroPoint();
    }
}
