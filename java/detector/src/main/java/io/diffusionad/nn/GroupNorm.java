package io.diffusionad.nn;

import io.diffusionad.ops.Activation;
import io.diffusionad.ops.Quantization;
import io.diffusionad.ops.Resample;
import io.diffusionad.tensor.Tensor;

/**
 * Group normalisation with 32 groups, optionally followed by SiLU and a change of resolution, over one activation or a
 * pair (x, xTail).
 */
final class GroupNorm {
    private static final float EPS = 1e-5f;

    private final Parameter scale;
    private final Parameter shift;
    private final Activation activation;
    private final Resample resample;

    /** The statistics of one forward pass. */
    record Statistics(
            Tensor mean, // (N, G)
            Tensor rstd) { // (N, G)
    }

    private GroupNorm(Parameter scale, Parameter shift, Activation activation, Resample resample) {
        this.scale = scale;
        this.shift = shift;
        this.activation = activation;
        this.resample = resample;
    }

    static GroupNorm declare(
            ParameterDeclarations parameters, String name, int channels, Activation activation, Resample resample) {
        return new GroupNorm(
                parameters.vector(name + ".weight", channels, Parameter.Start.ONE, 0),
                parameters.vector(name + ".bias", channels, Parameter.Start.ZERO, 0),
                activation,
                resample);
    }

    Statistics forward(Pass pass, Tensor y, Tensor x, Tensor xTail) {
        Statistics statistics =
                new Statistics(pass.float32(x.dim(0), UNetConfig.GROUPS), pass.float32(x.dim(0), UNetConfig.GROUPS));
        pass.ops()
                .groupNormForward(
                        y,
                        statistics.mean(),
                        statistics.rstd(),
                        x,
                        xTail,
                        scale.value(),
                        shift.value(),
                        UNetConfig.GROUPS,
                        EPS,
                        activation,
                        resample);
        return statistics;
    }

    /** As {@link #forward} with a uint8 result. */
    Statistics forwardQuantized(Pass pass, Tensor y, Quantization quantization, Tensor x, Tensor xTail) {
        Statistics statistics =
                new Statistics(pass.float32(x.dim(0), UNetConfig.GROUPS), pass.float32(x.dim(0), UNetConfig.GROUPS));
        pass.ops()
                .groupNormForwardQuantized(
                        y,
                        quantization,
                        statistics.mean(),
                        statistics.rstd(),
                        x,
                        xTail,
                        scale.value(),
                        shift.value(),
                        UNetConfig.GROUPS,
                        EPS,
                        activation,
                        resample);
        return statistics;
    }

    void backward(
            Pass pass,
            Tensor dx,
            Tensor dxTail,
            Tensor dy,
            Tensor x,
            Tensor xTail,
            Statistics statistics,
            boolean accumulate) {
        pass.ops()
                .groupNormBackward(
                        dx,
                        dxTail,
                        scale.gradient(),
                        shift.gradient(),
                        dy,
                        x,
                        xTail,
                        statistics.mean(),
                        statistics.rstd(),
                        scale.value(),
                        shift.value(),
                        UNetConfig.GROUPS,
                        activation,
                        resample,
                        accumulate);
    }
}
