package io.diffusionad.nn;

import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.ops.Quantization;
import io.diffusionad.tensor.Tensor;

/**
 * A convolution with bias over one activation or over the concatenation (x, xTail) of two, which is never materialised:
 * it is the sum of a convolution over each with its range of the weight's input channels.
 */
final class Convolution {
    private final String name;
    private final Parameter weight;
    private final Parameter bias;
    private final Conv2d geometry;

    private Convolution(String name, Parameter weight, Parameter bias, Conv2d geometry) {
        this.name = name;
        this.weight = weight;
        this.bias = bias;
        this.geometry = geometry;
    }

    static Convolution declare(
            ParameterDeclarations parameters, String name, int inputs, int outputs, int kernel, int stride) {
        return declare(parameters, name, inputs, outputs, Conv2d.of(kernel, stride), Parameter.Start.UNIFORM);
    }

    static Convolution declare(
            ParameterDeclarations parameters,
            String name,
            int inputs,
            int outputs,
            Conv2d geometry,
            Parameter.Start start) {
        int fanIn = inputs * geometry.kernel() * geometry.kernel();
        return new Convolution(
                name,
                parameters.convolution(name + ".weight", outputs, inputs, geometry.kernel(), start),
                parameters.vector(name + ".bias", outputs, start, fanIn),
                geometry);
    }

    /** A 1x1 convolution that checkpoints hold as one-dimensional. */
    static Convolution declareOneDimensional(
            ParameterDeclarations parameters, String name, int inputs, int outputs, Parameter.Start start) {
        return new Convolution(
                name,
                parameters.convolution1d(name + ".weight", outputs, inputs, start),
                parameters.vector(name + ".bias", outputs, start, inputs),
                Conv2d.of(1));
    }

    /** The prefix of its parameters' names. */
    String name() {
        return name;
    }

    int inputs() {
        return weight.referenceShape()[1];
    }

    int outputs() {
        return weight.referenceShape()[0];
    }

    int outputSize(int inputSize) {
        return geometry.outputSize(inputSize);
    }

    Parameter weight() {
        return weight;
    }

    Parameter bias() {
        return bias;
    }

    void forward(Pass pass, Tensor y, Tensor x) {
        forward(pass, y, x, null, Epilogue.NONE);
    }

    /** @param xTail second part of the input, or null; @param epilogue what is added besides the bias of this layer */
    void forward(Pass pass, Tensor y, Tensor x, Tensor xTail, Epilogue epilogue) {
        Epilogue all = new Epilogue(bias.value(), epilogue.channelBias(), epilogue.residual(), epilogue.activation());
        if (xTail == null) {
            pass.ops().conv2dForward(y, x, weight.weight(), all, geometry);
        } else {
            pass.ops().conv2dForward(y, x, weight.weight(), Epilogue.NONE.withResidual(epilogue.residual()), geometry);
            pass.ops().conv2dForward(y, xTail, weight.weight(), all.withResidual(y), tailGeometry(x));
        }
    }

    /** Of a uint8 input, in int8. */
    void forwardQuantized(Pass pass, Tensor y, Tensor x, Quantization quantization, Epilogue epilogue) {
        Epilogue all = new Epilogue(bias.value(), epilogue.channelBias(), epilogue.residual(), epilogue.activation());
        pass.ops().conv2dForwardQuantized(y, x, quantization, weight.weight(), all, geometry);
    }

    /** Of kernel 1, in int8 with inputs that are not. */
    void forwardRounded(Pass pass, Tensor y, Tensor x, Tensor xTail) {
        pass.ops().conv2dForwardRounded(y, x, xTail, weight.weight(), bias.value());
    }

    /** Adds the gradients of weight and bias. */
    void backwardParameters(Pass pass, Tensor dy, Tensor x, Tensor xTail) {
        pass.ops().conv2dBackwardWeights(weight.gradient(), bias.gradient(), dy, x, geometry);
        if (xTail != null) {
            pass.ops().conv2dBackwardWeights(weight.gradient(), null, dy, xTail, tailGeometry(x));
        }
    }

    void backwardData(Pass pass, Tensor dx, Tensor dy) {
        backwardData(pass, dx, dy, 0);
    }

    /** Gradient by the input channels from {@code firstChannel} on, as many as dx has. */
    void backwardData(Pass pass, Tensor dx, Tensor dy, int firstChannel) {
        pass.ops().conv2dBackwardData(dx, dy, weight.weight(), geometry.withInputOffset(firstChannel), false);
    }

    private Conv2d tailGeometry(Tensor x) {
        return geometry.withInputOffset(x.dim(3));
    }
}
