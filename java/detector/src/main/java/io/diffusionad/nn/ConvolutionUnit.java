package io.diffusionad.nn;

import io.diffusionad.ops.Activation;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.tensor.Tensor;

/**
 * The segmentation network's unit: conv3x3, BatchNorm, ReLU, over one activation or a pair (x, xTail). In training mode
 * the batch normalises; in evaluation mode the running statistics, folded into the convolution (see
 * {@link FoldedUnits}).
 */
final class ConvolutionUnit {
    private final String name;
    private final Convolution convolution;
    private final BatchNorm norm;

    private record Saved(
            Tensor x, // (N, H, W, C)
            Tensor xTail, // (N, H, W, C'), or null
            Tensor convolved, // (N, H, W, K)
            BatchNorm.Statistics statistics) {}

    /** @param inputs channels of x and xTail together */
    ConvolutionUnit(
            ParameterDeclarations parameters, String convolutionName, String normName, int inputs, int outputs) {
        name = convolutionName;
        convolution = Convolution.declare(parameters, convolutionName, inputs, outputs, 3, 1);
        norm = new BatchNorm(parameters, normName, outputs);
    }

    Convolution convolution() {
        return convolution;
    }

    BatchNorm norm() {
        return norm;
    }

    int inputs() {
        return convolution.inputs();
    }

    int outputs() {
        return convolution.outputs();
    }

    void forwardTraining(Pass pass, Tensor y, Tensor x, Tensor xTail) {
        pass.label(name);
        try (var temporaries = pass.temporaries()) {
            Tensor convolved = pass.tensor(y.dims());
            convolution.forward(pass, convolved, x, xTail, Epilogue.NONE);
            BatchNorm.Statistics statistics = norm.forward(pass, y, convolved);
            pass.save(this, new Saved(x, xTail, convolved, statistics));
        }
    }

    void forwardFolded(Pass pass, Tensor y, Tensor x, Tensor xTail, FoldedUnits.Folded folded) {
        pass.label(name);
        Epilogue epilogue = Epilogue.bias(folded.bias()).withActivation(Activation.RELU);
        if (xTail == null) {
            pass.ops().conv2dForward(y, x, folded.weight(), epilogue, Conv2d.of(3));
        } else {
            pass.ops().conv2dForward(y, x, folded.weight(), Epilogue.NONE, Conv2d.of(3));
            pass.ops()
                    .conv2dForward(
                            y,
                            xTail,
                            folded.weight(),
                            epilogue.withResidual(y),
                            Conv2d.of(3).withInputOffset(x.dim(3)));
        }
    }

    /**
     * @param dx gradient by the input channels from {@code firstChannel} on, overwritten, or null when it is not wanted
     * @param dxTail like xTail, overwritten, or null with it
     * @param dy destroyed
     */
    void backward(Pass pass, Tensor dx, int firstChannel, Tensor dxTail, Tensor dy) {
        pass.label(name);
        Saved saved = pass.restore(this, Saved.class);
        Tensor dconvolved = dy;
        norm.backward(pass, dconvolved, dy, saved.convolved, saved.statistics);
        convolution.backwardParameters(pass, dconvolved, saved.x, saved.xTail);
        if (dx != null) {
            convolution.backwardData(pass, dx, dconvolved, firstChannel);
        }
        if (dxTail != null) {
            convolution.backwardData(pass, dxTail, dconvolved, saved.x.dim(3));
        }
    }
}
