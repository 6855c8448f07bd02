package io.diffusionad.nn;

import io.diffusionad.ops.Activation;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.ops.Quantization;
import io.diffusionad.ops.Resample;
import io.diffusionad.tensor.Tensor;

/**
 * Residual block of the ADM family (SPEC §5): {@code y = skip(x) + conv(silu(norm(conv(resample(silu(norm(x)))) +
 * linear(time))))}, with the same change of resolution on the skip, which is the identity or a 1x1 convolution. Its
 * input may be a pair (x, xTail) that stands for a concatenation. The two 3x3 convolutions are nearly all of the
 * network's arithmetic: an int8 pass computes them in int8 where that saves time, and lets the normalisations before
 * these write 8 bits. The skip's convolution, whose input no normalisation bounds, is rounded pixel by pixel there.
 */
final class ResidualBlock implements Layer {
    static final String INPUT_CONVOLUTION = ".in_layers.2";
    static final String OUTPUT_CONVOLUTION = ".out_layers.3";

    private final String name;
    private final GroupNorm inputNorm;
    private final Convolution inputConvolution;
    private final Linear timeProjection;
    private final GroupNorm outputNorm;
    private final Convolution outputConvolution;
    private final Convolution skip;
    private final Resample resample;

    private record Saved(
            Tensor x, // (N, H, W, C)
            Tensor xTail, // (N, H, W, C'), or null
            Tensor time, // (N, 4·base)
            GroupNorm.Statistics inputStatistics,
            Tensor normalised, // (N, H', W', C + C')
            Tensor hidden, // (N, H', W', K)
            GroupNorm.Statistics outputStatistics,
            Tensor activated) { // (N, H', W', K)
    }

    /**
     * @param inputs channels of x and xTail together; @param resample UP and DOWN need {@code inputs == outputs} and no
     *     xTail
     */
    ResidualBlock(
            ParameterDeclarations parameters,
            String name,
            int inputs,
            int outputs,
            int timeChannels,
            Resample resample) {
        this.name = name;
        this.resample = resample;
        inputNorm = GroupNorm.declare(parameters, name + ".in_layers.0", inputs, Activation.SILU, resample);
        inputConvolution = Convolution.declare(parameters, name + INPUT_CONVOLUTION, inputs, outputs, 3, 1);
        timeProjection = Linear.declare(parameters, name + ".embed_layers.1", timeChannels, outputs);
        outputNorm = GroupNorm.declare(parameters, name + ".out_layers.0", outputs, Activation.SILU, Resample.NONE);
        outputConvolution = Convolution.declare(
                parameters, name + OUTPUT_CONVOLUTION, outputs, outputs, Conv2d.of(3), Parameter.Start.ZERO);
        skip = inputs == outputs
                ? null
                : Convolution.declare(parameters, name + ".skip_connection", inputs, outputs, 1, 1);
    }

    @Override
    public int[] outputShape(int... in) {
        return new int[] {in[0], resample.apply(in[1]), resample.apply(in[2]), outputConvolution.outputs()};
    }

    @Override
    public boolean backwardsInPlace() {
        return skip == null && resample == Resample.NONE;
    }

    @Override
    public void forward(Pass pass, Tensor y, Tensor x, Tensor time) {
        forward(pass, y, x, null, time);
    }

    void forward(Pass pass, Tensor y, Tensor x, Tensor xTail, Tensor time) {
        pass.label(name);
        int n = y.dim(0);
        int height = y.dim(1);
        int width = y.dim(2);
        try (var temporaries = pass.temporaries()) {
            // Without a backward pass it is dead once normalised, and lies where the result will.
            Tensor hidden = pass.saving() ? pass.tensor(n, height, width, outputConvolution.outputs()) : y;
            Tensor channelBias = pass.float32(n, outputConvolution.outputs());
            timeProjection.forward(pass, channelBias, time);
            Normalised input;
            try (var inner = pass.temporaries()) {
                input = normalise(pass, inputConvolution, inputNorm, hidden, x, xTail);
                convolve(pass, inputConvolution, hidden, input, Epilogue.NONE.withChannelBias(channelBias));
            }
            Normalised output = normalise(pass, outputConvolution, outputNorm, y, hidden, null);
            Tensor residual = skipForward(pass, y, x, xTail);
            convolve(pass, outputConvolution, y, output, Epilogue.NONE.withResidual(residual));
            pass.save(
                    this,
                    new Saved(
                            x,
                            xTail,
                            time,
                            input.statistics,
                            input.activation,
                            hidden,
                            output.statistics,
                            output.activation));
        }
    }

    /** What a convolution reads. */
    private record Normalised(
            Tensor activation, // (N, H', W', C + C'), uint8 where the convolution is in int8
            Quantization quantization, // of such, else null
            GroupNorm.Statistics statistics) {}

    /** @param y what the convolution will write */
    private static Normalised normalise(
            Pass pass, Convolution convolution, GroupNorm norm, Tensor y, Tensor x, Tensor xTail) {
        int[] shape = {y.dim(0), y.dim(1), y.dim(2), convolution.inputs()};
        Quantization quantization = pass.quantization(convolution.name(), y, convolution.inputs());
        if (quantization != null) {
            Tensor activation = pass.uint8(shape);
            return new Normalised(
                    activation, quantization, norm.forwardQuantized(pass, activation, quantization, x, xTail));
        }
        Tensor activation = pass.tensor(shape);
        GroupNorm.Statistics statistics = norm.forward(pass, activation, x, xTail);
        pass.seeInput(convolution.name(), activation);
        return new Normalised(activation, null, statistics);
    }

    private static void convolve(Pass pass, Convolution convolution, Tensor y, Normalised x, Epilogue epilogue) {
        if (x.quantization == null) {
            convolution.forward(pass, y, x.activation, null, epilogue);
        } else {
            convolution.forwardQuantized(pass, y, x.activation, x.quantization, epilogue);
        }
    }

    /** What the last convolution adds: x itself, or y after the skip was written there. */
    private Tensor skipForward(Pass pass, Tensor y, Tensor x, Tensor xTail) {
        if (skip != null) {
            if (pass.rounds(y, skip.inputs())) {
                skip.forwardRounded(pass, y, x, xTail);
            } else {
                skip.forward(pass, y, x, xTail, Epilogue.NONE);
            }
            return y;
        }
        if (resample != Resample.NONE) {
            pass.ops().resampleForward(y, x, resample);
            return y;
        }
        return x;
    }

    @Override
    public void backward(Pass pass, Tensor dx, Tensor dy, Tensor dtime) {
        backward(pass, dx, null, dy, dtime);
    }

    /** @param dxTail like xTail, overwritten, or null with it */
    void backward(Pass pass, Tensor dx, Tensor dxTail, Tensor dy, Tensor dtime) {
        pass.label(name);
        Saved saved = pass.restore(this, Saved.class);
        try (var scratch = pass.scratch()) {
            Tensor dhidden = pass.flow(saved.hidden.dims());
            outputConvolution.backwardParameters(pass, dy, saved.activated, null);
            try (var inner = pass.scratch()) {
                Tensor dactivated = pass.flow(saved.activated.dims());
                outputConvolution.backwardData(pass, dactivated, dy);
                outputNorm.backward(pass, dhidden, null, dactivated, saved.hidden, null, saved.outputStatistics, false);
            }
            timeBackward(pass, dhidden, dtime, saved.time);
            inputConvolution.backwardParameters(pass, dhidden, saved.normalised, null);
            Tensor dnormalised = pass.flow(saved.normalised.dims());
            inputConvolution.backwardData(pass, dnormalised, dhidden);
            skipBackward(pass, dx, dxTail, dy, saved);
            inputNorm.backward(pass, dx, dxTail, dnormalised, saved.x, saved.xTail, saved.inputStatistics, true);
        }
    }

    private void timeBackward(Pass pass, Tensor dhidden, Tensor dtime, Tensor time) {
        try (var scratch = pass.scratch()) {
            Tensor dchannelBias = pass.flowFloat32(time.dim(0), outputConvolution.outputs());
            pass.ops().channelBiasBackward(dchannelBias, dhidden);
            timeProjection.backwardParameters(pass, dchannelBias, time);
            timeProjection.backwardData(pass, dtime, dchannelBias, true);
        }
    }

    private void skipBackward(Pass pass, Tensor dx, Tensor dxTail, Tensor dy, Saved saved) {
        if (skip != null) {
            skip.backwardParameters(pass, dy, saved.x, saved.xTail);
            skip.backwardData(pass, dx, dy);
            if (dxTail != null) {
                skip.backwardData(pass, dxTail, dy, saved.x.dim(3));
            }
        } else if (resample != Resample.NONE) {
            pass.ops().resampleBackward(dx, dy, resample, false);
        } else if (dx != dy) {
            pass.ops().copy(dx, dy);
        }
    }
}
