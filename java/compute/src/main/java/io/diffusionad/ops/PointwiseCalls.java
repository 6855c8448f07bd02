package io.diffusionad.ops;

import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

/** Rules of {@link ResampleOps} and {@link ElementwiseOps}; their cost is memory traffic. */
final class PointwiseCalls {
    private PointwiseCalls() {}

    static OperationCall resampleForward(Tensor y, Tensor x, Resample resample) {
        return resampled(new OperationCall("resampleForward").out("y", y).in("x", x), "y", "x", x, resample);
    }

    static OperationCall resampleBackward(Tensor dx, Tensor dy, Resample resample, boolean accumulate) {
        return resampled(
                new OperationCall("resampleBackward")
                        .gradient("dx", dx, accumulate)
                        .in("dy", dy),
                "dy",
                "dx",
                dx,
                resample);
    }

    private static OperationCall resampled(
            OperationCall call, String result, String source, Tensor x, Resample resample) {
        call.rank(4, source);
        boolean even = x.dim(1) % 2 == 0 && x.dim(2) % 2 == 0;
        return call.require(resample != Resample.DOWN || even, "averaging needs an even height and width")
                .shape(result, x.dim(0), resample.apply(x.dim(1)), resample.apply(x.dim(2)), x.dim(3))
                .activations(source, result);
    }

    static OperationCall maxPool2Forward(Tensor y, Tensor argmax, Tensor x) {
        return pooled(
                new OperationCall("maxPool2Forward")
                        .out("y", y)
                        .out("argmax", argmax)
                        .in("x", x),
                "y",
                "x",
                x);
    }

    static OperationCall maxPool2Backward(Tensor dx, Tensor dy, Tensor argmax, boolean accumulate) {
        return pooled(
                new OperationCall("maxPool2Backward")
                        .gradient("dx", dx, accumulate)
                        .in("dy", dy)
                        .in("argmax", argmax),
                "dy",
                "dx",
                dx);
    }

    private static OperationCall pooled(OperationCall call, String small, String big, Tensor x) {
        call.rank(4, big).require(x.dim(1) % 2 == 0 && x.dim(2) % 2 == 0, "pooling needs an even height and width");
        return call.shape(small, x.dim(0), x.dim(1) / 2, x.dim(2) / 2, x.dim(3))
                .shape("argmax", x.dim(0), x.dim(1) / 2, x.dim(2) / 2, x.dim(3))
                .activations(big, small)
                .type(DType.UINT8, "argmax");
    }

    static OperationCall bilinearUp2Forward(Tensor y, Tensor x) {
        return enlarged(new OperationCall("bilinearUp2Forward").out("y", y).in("x", x), "y", "x", x);
    }

    static OperationCall bilinearUp2Backward(Tensor dx, Tensor dy) {
        return enlarged(new OperationCall("bilinearUp2Backward").out("dx", dx).in("dy", dy), "dy", "dx", dx);
    }

    private static OperationCall enlarged(OperationCall call, String big, String small, Tensor x) {
        return call.rank(4, small)
                .shape(big, x.dim(0), 2 * x.dim(1), 2 * x.dim(2), x.dim(3))
                .activations(small, big);
    }

    static OperationCall copyChannels(Tensor y, int yOffset, Tensor x, int xOffset, int count) {
        OperationCall call = new OperationCall("copyChannels").updated("y", y).in("x", x);
        int last = y.rank() - 1;
        boolean samePixels = x.rank() == y.rank() && x.elements() / x.dim(last) == y.elements() / y.dim(last);
        return call.require(samePixels, "x and y must have the same leading dimensions")
                .require(
                        count > 0
                                && yOffset >= 0
                                && xOffset >= 0
                                && yOffset + count <= y.dim(last)
                                && xOffset + count <= x.dim(last),
                        count + " channels from " + xOffset + " to " + yOffset + " do not exist")
                .activations("x")
                .activations("y");
    }

    static OperationCall fill(Tensor y) {
        return new OperationCall("fill").out("y", y).activations("y");
    }

    static OperationCall copy(Tensor y, Tensor x) {
        return new OperationCall("copy")
                .out("y", y)
                .in("x", x, "y")
                .shape("y", x.dims())
                .activations("x")
                .activations("y");
    }

    static OperationCall addScaled(Tensor y, Tensor x) {
        return new OperationCall("addScaled")
                .updated("y", y)
                .in("x", x, "y")
                .shape("y", x.dims())
                .activations("y", "x");
    }

    static OperationCall activationForward(Tensor y, Tensor x, Activation activation) {
        return new OperationCall("activationForward")
                .out("y", y)
                .in("x", x, "y")
                .shape("y", x.dims())
                .activations("y", "x")
                .require(activation != Activation.NONE, "activation NONE");
    }

    static OperationCall activationBackward(Tensor dx, Tensor dy, Tensor x, Activation activation) {
        return new OperationCall("activationBackward")
                .out("dx", dx)
                .in("dy", dy, "dx")
                .in("x", x, "dx")
                .shape("dx", x.dims())
                .shape("dy", x.dims())
                .activations("dx", "dy", "x")
                .require(activation != Activation.NONE, "activation NONE");
    }

    static OperationCall adamStep(Tensor p, Tensor m, Tensor v, Tensor g, int step) {
        return new OperationCall("adamStep")
                .updated("p", p)
                .updated("m", m)
                .updated("v", v)
                .in("g", g)
                .shape("m", p.dims())
                .shape("v", p.dims())
                .shape("g", p.dims())
                .type(DType.FLOAT32, "p", "m", "v", "g")
                .require(step >= 1, "step must be at least 1, not " + step);
    }
}
