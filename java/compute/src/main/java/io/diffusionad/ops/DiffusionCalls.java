package io.diffusionad.ops;

import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

/** Rules of {@link DiffusionOps} and {@link LossOps}: float32 throughout; their cost is memory traffic. */
final class DiffusionCalls {
    private DiffusionCalls() {}

    static OperationCall gaussianNoise(Tensor y, Tensor samples) {
        return new OperationCall("gaussianNoise")
                .out("y", y)
                .in("samples", samples)
                .rank(4, "y")
                .shape("samples", y.dim(0))
                .type(DType.FLOAT32, "y")
                .type(DType.INT64, "samples");
    }

    static OperationCall addNoise(Tensor xt, Tensor x0, Tensor noise, Tensor coefficients) {
        return images(
                new OperationCall("addNoise")
                        .out("xt", xt)
                        .in("x0", x0)
                        .in("noise", noise)
                        .in("coefficients", coefficients),
                xt,
                2,
                "xt",
                "x0",
                "noise");
    }

    static OperationCall predictX0(Tensor x0, Tensor xt, Tensor eps, Tensor coefficients) {
        return images(
                new OperationCall("predictX0")
                        .out("x0", x0)
                        .in("xt", xt)
                        .in("eps", eps)
                        .in("coefficients", coefficients),
                x0,
                2,
                "x0",
                "xt",
                "eps");
    }

    static OperationCall normGuidanceForward(
            Tensor x0Guided,
            Tensor x0Noisier,
            Tensor xtRenoised,
            Tensor xtSmall,
            Tensor xtBig,
            Tensor epsSmall,
            Tensor epsBig,
            Tensor coefficients) {
        return images(
                new OperationCall("normGuidanceForward")
                        .out("x0Guided", x0Guided)
                        .optionalOut("x0Noisier", x0Noisier)
                        .optionalOut("xtRenoised", xtRenoised)
                        .in("xtSmall", xtSmall)
                        .in("xtBig", xtBig)
                        .in("epsSmall", epsSmall)
                        .in("epsBig", epsBig)
                        .in("coefficients", coefficients),
                x0Guided,
                6,
                "x0Guided",
                "x0Noisier",
                "xtRenoised",
                "xtSmall",
                "xtBig",
                "epsSmall",
                "epsBig");
    }

    static OperationCall normGuidanceBackward(
            Tensor depsSmall,
            Tensor depsBig,
            Tensor dx0Guided,
            Tensor xtSmall,
            Tensor xtBig,
            Tensor epsSmall,
            Tensor epsBig,
            Tensor coefficients) {
        return images(
                new OperationCall("normGuidanceBackward")
                        .out("depsSmall", depsSmall)
                        .out("depsBig", depsBig)
                        .in("dx0Guided", dx0Guided)
                        .in("xtSmall", xtSmall)
                        .in("xtBig", xtBig)
                        .in("epsSmall", epsSmall)
                        .in("epsBig", epsBig)
                        .in("coefficients", coefficients),
                dx0Guided,
                6,
                "depsSmall",
                "depsBig",
                "dx0Guided",
                "xtSmall",
                "xtBig",
                "epsSmall",
                "epsBig");
    }

    static OperationCall samplerStep(
            Tensor xPrevious, Tensor x0, Tensor xt, Tensor eps, Tensor noise, Tensor coefficients) {
        return images(
                new OperationCall("samplerStep")
                        .out("xPrevious", xPrevious)
                        .out("x0", x0)
                        .in("xt", xt, "xPrevious")
                        .in("eps", eps)
                        .optionalIn("noise", noise)
                        .in("coefficients", coefficients),
                xt,
                5,
                "xPrevious",
                "x0",
                "xt",
                "eps",
                "noise");
    }

    private static OperationCall images(OperationCall call, Tensor model, int coefficients, String... names) {
        call.rank(4, names[0])
                .type(DType.FLOAT32, names)
                .type(DType.FLOAT32, "coefficients")
                .shape("coefficients", model.dim(0), coefficients);
        for (String name : names) {
            call.shape(name, model.dims());
        }
        return call;
    }

    static OperationCall squaredErrorForwardBackward(
            Tensor loss, Tensor deps, Tensor eps, Tensor noise, Tensor weight, boolean accumulate) {
        return new OperationCall("squaredErrorForwardBackward")
                .out("loss", loss)
                .gradient("deps", deps, accumulate)
                .in("eps", eps)
                .in("noise", noise)
                .in("weight", weight)
                .shape("loss", eps.dim(0))
                .shape("weight", eps.dim(0))
                .shape("deps", eps.dims())
                .shape("noise", eps.dims())
                .type(DType.FLOAT32, "loss", "deps", "eps", "noise", "weight");
    }

    static OperationCall segmentationLossForwardBackward(Tensor losses, Tensor dpred, Tensor pred, Tensor mask) {
        return new OperationCall("segmentationLossForwardBackward")
                .out("losses", losses)
                .out("dpred", dpred)
                .in("pred", pred)
                .in("mask", mask)
                .shape("losses", 2)
                .shape("dpred", pred.dims())
                .shape("mask", pred.dims())
                .type(DType.FLOAT32, "losses", "dpred", "pred", "mask");
    }
}
