package io.diffusionad.testkit;

import io.diffusionad.ops.Activation;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.ops.LossOps.SegmentationLoss;
import io.diffusionad.ops.Resample;
import io.diffusionad.testkit.cases.OperationTable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

/**
 * The reference's backward operations against numerical derivatives of its forward ones, in float64: what makes the
 * reference worth trusting.
 */
class ReferenceGradientTest {
    private static final float EPS = 1e-5f;
    private static final Values SCALE = Values.normalAround(1, 0.2);

    @TestFactory
    Stream<DynamicTest> gradients() {
        List<GradientCheck> checks = new ArrayList<>();
        for (Conv2d geometry : List.of(
                Conv2d.of(3),
                Conv2d.of(1),
                Conv2d.of(3, 2),
                Conv2d.of(1, 2),
                Conv2d.of(3).withInputOffset(2))) {
            checks.add(convolution(geometry));
        }
        for (Resample resample : Resample.values()) {
            checks.add(groupNorm(Activation.SILU, resample, false));
            checks.add(groupNorm(Activation.NONE, resample, true));
            if (resample != Resample.NONE) {
                checks.add(resample(resample));
            }
        }
        checks.add(batchNorm(Activation.NONE));
        checks.add(batchNorm(Activation.RELU));
        checks.add(attention());
        checks.add(maxPool());
        checks.add(bilinear());
        checks.add(linear());
        for (Activation activation : List.of(Activation.SILU, Activation.RELU, Activation.SIGMOID)) {
            checks.add(pointwise(activation));
        }
        checks.add(normGuidance());
        checks.add(squaredError());
        checks.add(segmentationLoss());
        return checks.stream().map(check -> dynamicTest(check.name(), () -> check.run(OperationTable.SEED)));
    }

    private static GradientCheck convolution(Conv2d g) {
        int p = g.outputSize(5);
        int q = g.outputSize(4);
        return new GradientCheck("convolution " + g)
                .input("x", Values.normal(1), 2, 5, 4, 3)
                .input("w", Values.normal(0.5), 4, g.kernel(), g.kernel(), 3 + g.inputOffset())
                .input("bias", Values.normal(1), 4)
                .input("channelBias", Values.normal(1), 2, 4)
                .output("y", 2, p, q, 4)
                .forward((ops, t) -> ops.conv2dForward(
                        t.tensor("y"),
                        t.tensor("x"),
                        t.weight("w"),
                        Epilogue.bias(t.tensor("bias")).withChannelBias(t.tensor("channelBias")),
                        g))
                .backward((ops, t) -> {
                    ops.conv2dBackwardData(t.tensor("dx"), t.tensor("dy"), t.weight("w"), g, true);
                    ops.conv2dBackwardWeights(t.tensor("dw"), t.tensor("dbias"), t.tensor("dy"), t.tensor("x"), g);
                    ops.channelBiasBackward(t.tensor("dchannelBias"), t.tensor("dy"));
                });
    }

    /** Three groups; from two sources, the first with 5 of 9 channels, so that a group spans both. */
    private static GradientCheck groupNorm(Activation activation, Resample resample, boolean twoSources) {
        int channels = twoSources ? 9 : 6;
        int first = twoSources ? 5 : 6;
        GradientCheck check = new GradientCheck(
                        "group norm " + activation + " " + resample + (twoSources ? " two sources" : ""))
                .input("x", Values.normalAround(1, 2), 2, 4, 2, first);
        if (twoSources) {
            check.input("xTail", Values.normalAround(1, 2), 2, 4, 2, channels - first);
        }
        return check.input("gamma", SCALE, channels)
                .input("beta", Values.normal(0.3), channels)
                .output("y", 2, resample.apply(4), resample.apply(2), channels)
                .saved("mean", 2, 3)
                .saved("rstd", 2, 3)
                .forward((ops, t) -> ops.groupNormForward(
                        t.tensor("y"),
                        t.tensor("mean"),
                        t.tensor("rstd"),
                        t.tensor("x"),
                        twoSources ? t.tensor("xTail") : null,
                        t.tensor("gamma"),
                        t.tensor("beta"),
                        3,
                        EPS,
                        activation,
                        resample))
                .backward((ops, t) -> ops.groupNormBackward(
                        t.tensor("dx"),
                        twoSources ? t.tensor("dxTail") : null,
                        t.tensor("dgamma"),
                        t.tensor("dbeta"),
                        t.tensor("dy"),
                        t.tensor("x"),
                        twoSources ? t.tensor("xTail") : null,
                        t.tensor("mean"),
                        t.tensor("rstd"),
                        t.tensor("gamma"),
                        t.tensor("beta"),
                        3,
                        activation,
                        resample,
                        true));
    }

    private static GradientCheck batchNorm(Activation activation) {
        return new GradientCheck("batch norm " + activation)
                .input("x", Values.normalAround(1, 2), 3, 2, 3, 4)
                .input("gamma", SCALE, 4)
                .input("beta", Values.normal(0.3), 4)
                .output("y", 3, 2, 3, 4)
                .saved("mean", 4)
                .saved("rstd", 4)
                .saved("runningMean", 4)
                .saved("runningVar", 4)
                .forward((ops, t) -> ops.batchNormForwardTraining(
                        t.tensor("y"),
                        t.tensor("mean"),
                        t.tensor("rstd"),
                        t.tensor("runningMean"),
                        t.tensor("runningVar"),
                        t.tensor("x"),
                        t.tensor("gamma"),
                        t.tensor("beta"),
                        0.1f,
                        EPS,
                        activation))
                .backward((ops, t) -> ops.batchNormBackward(
                        t.tensor("dx"),
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

    private static GradientCheck attention() {
        return new GradientCheck("attention")
                .input("qkv", Values.normal(1), 2, 5, 24)
                .output("y", 2, 5, 8)
                .saved("logSumExp", 2, 2, 5)
                .forward((ops, t) -> ops.attentionForward(t.tensor("y"), t.tensor("logSumExp"), t.tensor("qkv"), 2))
                .backward((ops, t) -> ops.attentionBackward(
                        t.tensor("dqkv"), t.tensor("dy"), t.tensor("y"), t.tensor("qkv"), t.tensor("logSumExp"), 2));
    }

    private static GradientCheck resample(Resample resample) {
        return new GradientCheck("resample " + resample)
                .input("x", Values.normal(1), 2, 4, 6, 3)
                .output("y", 2, resample.apply(4), resample.apply(6), 3)
                .forward((ops, t) -> ops.resampleForward(t.tensor("y"), t.tensor("x"), resample))
                .backward((ops, t) -> ops.resampleBackward(t.tensor("dx"), t.tensor("dy"), resample, true));
    }

    private static GradientCheck maxPool() {
        return new GradientCheck("max pool")
                .input("x", Values.normal(1), 2, 4, 6, 3)
                .output("y", 2, 2, 3, 3)
                .saved("argmax", 2, 2, 3, 3)
                .forward((ops, t) -> ops.maxPool2Forward(t.tensor("y"), t.tensor("argmax"), t.tensor("x")))
                .backward((ops, t) -> ops.maxPool2Backward(t.tensor("dx"), t.tensor("dy"), t.tensor("argmax"), true));
    }

    private static GradientCheck bilinear() {
        return new GradientCheck("bilinear")
                .input("x", Values.normal(1), 2, 1, 5, 3)
                .output("y", 2, 2, 10, 3)
                .forward((ops, t) -> ops.bilinearUp2Forward(t.tensor("y"), t.tensor("x")))
                .backward((ops, t) -> ops.bilinearUp2Backward(t.tensor("dx"), t.tensor("dy")));
    }

    private static GradientCheck linear() {
        return new GradientCheck("linear")
                .input("x", Values.normal(1), 3, 5)
                .input("w", Values.normal(1), 4, 5)
                .input("bias", Values.normal(1), 4)
                .output("y", 3, 4)
                .forward((ops, t) -> ops.linearForward(t.tensor("y"), t.tensor("x"), t.weight("w"), t.tensor("bias")))
                .backward((ops, t) -> {
                    ops.linearBackwardData(t.tensor("dx"), t.tensor("dy"), t.weight("w"), true);
                    ops.linearBackwardWeights(t.tensor("dw"), t.tensor("dbias"), t.tensor("dy"), t.tensor("x"));
                });
    }

    private static GradientCheck pointwise(Activation activation) {
        return new GradientCheck("activation " + activation)
                .input("x", Values.normal(2), 3, 7)
                .output("y", 3, 7)
                .forward((ops, t) -> ops.activationForward(t.tensor("y"), t.tensor("x"), activation))
                .backward((ops, t) -> ops.activationBackward(
                        t.tensor("dx"),
                        t.tensor("dy"),
                        t.tensor(activation == Activation.SILU ? "x" : "y"),
                        activation));
    }

    private static GradientCheck normGuidance() {
        return new GradientCheck("norm guidance")
                .input("epsSmall", Values.normal(0.7), 2, 3, 4, 3)
                .input("epsBig", Values.normal(0.7), 2, 3, 4, 3)
                .constant("xtSmall", Values.normal(0.5), 2, 3, 4, 3)
                .constant("xtBig", Values.normal(0.5), 2, 3, 4, 3)
                .constant("coefficients", Values.uniform(0.4, 1.1), 2, 6)
                .output("y", 2, 3, 4, 3)
                .forward((ops, t) -> ops.normGuidanceForward(
                        t.tensor("y"),
                        null,
                        null,
                        t.tensor("xtSmall"),
                        t.tensor("xtBig"),
                        t.tensor("epsSmall"),
                        t.tensor("epsBig"),
                        t.tensor("coefficients"),
                        1.5f))
                .backward((ops, t) -> ops.normGuidanceBackward(
                        t.tensor("depsSmall"),
                        t.tensor("depsBig"),
                        t.tensor("dy"),
                        t.tensor("xtSmall"),
                        t.tensor("xtBig"),
                        t.tensor("epsSmall"),
                        t.tensor("epsBig"),
                        t.tensor("coefficients"),
                        1.5f));
    }

    /** The losses write value and gradient together: the output's gradient dy takes the place of the weights. */
    private static GradientCheck squaredError() {
        return new GradientCheck("squared error")
                .input("eps", Values.normal(1), 3, 2, 4, 3)
                .constant("noise", Values.normal(1), 3, 2, 4, 3)
                .output("y", 3)
                .forward((ops, t) -> ops.squaredErrorForwardBackward(
                        t.tensor("y"), t.tensor("deps"), t.tensor("eps"), t.tensor("noise"), t.tensor("dy"), false))
                .backward((ops, t) -> ops.squaredErrorForwardBackward(
                        t.tensor("y"), t.tensor("deps"), t.tensor("eps"), t.tensor("noise"), t.tensor("dy"), false));
    }

    private static GradientCheck segmentationLoss() {
        SegmentationLoss settings = new SegmentationLoss(0.4f, 3f, 5f, 2f);
        return new GradientCheck("segmentation loss")
                .input("pred", Values.uniform(0.02, 0.98), 2, 5, 4, 1)
                .constant("mask", random -> random.nextBoolean() ? 1 : 0.3, 2, 5, 4, 1)
                .output("y", 2)
                .outputWeights(settings.focalWeight(), settings.smoothWeight())
                .forward((ops, t) -> ops.segmentationLossForwardBackward(
                        t.tensor("y"), t.tensor("dpred"), t.tensor("pred"), t.tensor("mask"), settings))
                .backward((ops, t) -> ops.segmentationLossForwardBackward(
                        t.tensor("y"), t.tensor("dpred"), t.tensor("pred"), t.tensor("mask"), settings));
    }
}
