package io.diffusionad.ops;

import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;

/**
 * Rules and costs of {@link ConvolutionOps} and {@link LinearOps}: 2·N·P·Q·K·R·S·C operations a convolution, in each of
 * its three directions.
 */
final class ConvolutionCalls {
    /** Up to so many channels at a network's end, its image side may stay float32 in a bfloat16 network. */
    private static final int IMAGE_CHANNELS = 8;

    private ConvolutionCalls() {}

    static OperationCall conv2dForward(Tensor y, Tensor x, Weight w, Epilogue epilogue, Conv2d geometry) {
        OperationCall call = forward("conv2dForward", y, x, w, epilogue, geometry);
        return activations(call, y, x, "y", "x");
    }

    static OperationCall conv2dForwardQuantized(Tensor y, Tensor x, Weight w, Epilogue epilogue, Conv2d geometry) {
        return forward("conv2dForwardQuantized", y, x, w, epilogue, geometry)
                .type(DType.UINT8, "x")
                .activations("y");
    }

    static OperationCall conv2dForwardRounded(Tensor y, Tensor x, Tensor xTail, Weight w, Tensor bias) {
        int channels = x.dim(3) + (xTail == null ? 0 : xTail.dim(3));
        return new OperationCall("conv2dForwardRounded")
                .out("y", y)
                .in("x", x)
                .optionalIn("xTail", xTail)
                .in("w", w.value())
                .in("bias", bias)
                .rank(4, "y", "x", "xTail", "w")
                .shape("y", x.dim(0), x.dim(1), x.dim(2), y.dim(3))
                .shape("xTail", x.dim(0), x.dim(1), x.dim(2), channels - x.dim(3))
                .shape("w", y.dim(3), 1, 1, channels)
                .shape("bias", y.dim(3))
                .activations("y", "x")
                .type(x.dtype(), "xTail")
                .type(DType.FLOAT32, "w", "bias")
                .flop(2L * channels * y.elements());
    }

    private static OperationCall forward(
            String name, Tensor y, Tensor x, Weight w, Epilogue epilogue, Conv2d geometry) {
        OperationCall call = new OperationCall(name)
                .out("y", y)
                .in("x", x)
                .in("w", w.value())
                .optionalIn("bias", epilogue.bias())
                .optionalIn("channelBias", epilogue.channelBias());
        if (epilogue.residual() != null) {
            call.in("residual", epilogue.residual(), "y");
        }
        convolution(call, y, x, "y", "x", geometry);
        weight(call, w.value(), "w", y, x, geometry);
        return call.shape("bias", y.dim(3))
                .shape("channelBias", y.dim(0), y.dim(3))
                .shape("residual", y.dims())
                .type(DType.FLOAT32, "bias", "channelBias")
                .type(y.dtype(), "residual");
    }

    static OperationCall conv2dBackwardData(Tensor dx, Tensor dy, Weight w, Conv2d geometry, boolean accumulate) {
        OperationCall call = new OperationCall("conv2dBackwardData")
                .gradient("dx", dx, accumulate)
                .in("dy", dy)
                .in("w", w.value());
        convolution(call, dy, dx, "dy", "dx", geometry);
        activations(call, dy, dx, "dy", "dx");
        weight(call, w.value(), "w", dy, dx, geometry);
        return call;
    }

    static OperationCall conv2dBackwardWeights(Tensor dw, Tensor dbias, Tensor dy, Tensor x, Conv2d geometry) {
        OperationCall call = new OperationCall("conv2dBackwardWeights").updated("dw", dw);
        if (dbias != null) {
            call.updated("dbias", dbias);
        }
        call.in("dy", dy).in("x", x);
        convolution(call, dy, x, "dy", "x", geometry);
        activations(call, dy, x, "dy", "x");
        weight(call, dw, "dw", dy, x, geometry);
        return call.shape("dbias", dy.dim(3)).type(DType.FLOAT32, "dbias");
    }

    private static void convolution(
            OperationCall call, Tensor y, Tensor x, String yName, String xName, Conv2d geometry) {
        call.rank(4, yName, xName)
                .shape(yName, x.dim(0), geometry.outputSize(x.dim(1)), geometry.outputSize(x.dim(2)), y.dim(3));
        call.flop(2L * geometry.kernel() * geometry.kernel() * x.dim(3) * y.elements());
    }

    /** The types of x and y: the same, but at a network's two ends. */
    private static OperationCall activations(OperationCall call, Tensor y, Tensor x, String yName, String xName) {
        boolean stem = x.dtype() == DType.FLOAT32 && y.dtype() == DType.BFLOAT16 && x.dim(3) <= IMAGE_CHANNELS;
        boolean last = x.dtype() == DType.BFLOAT16 && y.dtype() == DType.FLOAT32 && y.dim(3) <= IMAGE_CHANNELS;
        return stem || last ? call : call.activations(yName, xName);
    }

    private static void weight(OperationCall call, Tensor w, String wName, Tensor y, Tensor x, Conv2d geometry) {
        call.rank(4, wName)
                .shape(wName, y.dim(3), geometry.kernel(), geometry.kernel(), w.dim(3))
                .type(DType.FLOAT32, wName)
                .require(
                        w.dim(3) >= geometry.inputOffset() + x.dim(3),
                        "the weight has too few input channels for offset " + geometry.inputOffset());
    }

    static OperationCall timestepEmbedding(Tensor y, Tensor t) {
        return new OperationCall("timestepEmbedding")
                .out("y", y)
                .in("t", t)
                .rank(2, "y")
                .rank(1, "t")
                .shape("t", y.dim(0))
                .type(DType.FLOAT32, "y")
                .type(DType.INT64, "t")
                .require(y.dim(1) % 2 == 0, "y must have an even width");
    }

    static OperationCall linearForward(Tensor y, Tensor x, Weight w, Tensor bias) {
        OperationCall call = new OperationCall("linearForward")
                .out("y", y)
                .in("x", x)
                .in("w", w.value())
                .in("bias", bias);
        return linear(call, y, x, "y", "x")
                .shape("w", y.dim(1), x.dim(1))
                .shape("bias", y.dim(1))
                .type(DType.FLOAT32, "w", "bias");
    }

    static OperationCall linearBackwardData(Tensor dx, Tensor dy, Weight w, boolean accumulate) {
        OperationCall call = new OperationCall("linearBackwardData")
                .gradient("dx", dx, accumulate)
                .in("dy", dy)
                .in("w", w.value());
        return linear(call, dy, dx, "dy", "dx").shape("w", dy.dim(1), dx.dim(1)).type(DType.FLOAT32, "w");
    }

    static OperationCall linearBackwardWeights(Tensor dw, Tensor dbias, Tensor dy, Tensor x) {
        OperationCall call = new OperationCall("linearBackwardWeights")
                .updated("dw", dw)
                .updated("dbias", dbias)
                .in("dy", dy)
                .in("x", x);
        return linear(call, dy, x, "dy", "x")
                .shape("dw", dy.dim(1), x.dim(1))
                .shape("dbias", dy.dim(1))
                .type(DType.FLOAT32, "dw", "dbias");
    }

    private static OperationCall linear(OperationCall call, Tensor y, Tensor x, String yName, String xName) {
        return call.rank(2, yName, xName)
                .shape(yName, x.dim(0), y.dim(1))
                .type(DType.FLOAT32, yName, xName)
                .flop(2L * x.dim(1) * y.elements());
    }

    static OperationCall channelBiasBackward(Tensor dchannelBias, Tensor dy) {
        return new OperationCall("channelBiasBackward")
                .out("dchannelBias", dchannelBias)
                .in("dy", dy)
                .rank(4, "dy")
                .shape("dchannelBias", dy.dim(0), dy.dim(3))
                .type(DType.FLOAT32, "dchannelBias")
                .activations("dy");
    }
}
