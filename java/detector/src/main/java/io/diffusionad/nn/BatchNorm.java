package io.diffusionad.nn;

import io.diffusionad.ops.Activation;
import io.diffusionad.tensor.Tensor;

/**
 * Batch normalisation followed by ReLU, in training mode; in evaluation mode it is folded into the convolution before
 * it.
 */
final class BatchNorm {
    static final float EPS = 1e-5f;
    private static final float MOMENTUM = 0.1f;

    private final Parameter scale; // (C)
    private final Parameter shift; // (C)
    private final Parameter runningMean; // (C)
    private final Parameter runningVariance; // (C)

    /** The batch's statistics of one forward pass. */
    record Statistics(
            Tensor mean, // (C)
            Tensor rstd) { // (C)
    }

    BatchNorm(ParameterDeclarations parameters, String name, int channels) {
        scale = parameters.vector(name + ".weight", channels, Parameter.Start.ONE, 0);
        shift = parameters.vector(name + ".bias", channels, Parameter.Start.ZERO, 0);
        runningMean = parameters.statistic(name + ".running_mean", channels, Parameter.Start.ZERO);
        runningVariance = parameters.statistic(name + ".running_var", channels, Parameter.Start.ONE);
        parameters.batchCounter(name + ".num_batches_tracked");
    }

    Parameter scale() {
        return scale;
    }

    Parameter shift() {
        return shift;
    }

    Parameter runningMean() {
        return runningMean;
    }

    Parameter runningVariance() {
        return runningVariance;
    }

    Statistics forward(Pass pass, Tensor y, Tensor x) {
        Statistics statistics = new Statistics(pass.float32(x.dim(3)), pass.float32(x.dim(3)));
        pass.ops()
                .batchNormForwardTraining(
                        y,
                        statistics.mean,
                        statistics.rstd,
                        runningMean.value(),
                        runningVariance.value(),
                        x,
                        scale.value(),
                        shift.value(),
                        MOMENTUM,
                        EPS,
                        Activation.RELU);
        return statistics;
    }

    /** @param dx may be dy */
    void backward(Pass pass, Tensor dx, Tensor dy, Tensor x, Statistics statistics) {
        pass.ops()
                .batchNormBackward(
                        dx,
                        scale.gradient(),
                        shift.gradient(),
                        dy,
                        x,
                        statistics.mean,
                        statistics.rstd,
                        scale.value(),
                        shift.value(),
                        Activation.RELU);
    }
}
