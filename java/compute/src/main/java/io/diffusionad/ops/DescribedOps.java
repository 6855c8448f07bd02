package io.diffusionad.ops;

import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;

import java.util.function.Consumer;

/**
 * The base of what stands between a network and a device's operations: every call arrives at one place as an
 * {@link OperationCall}, its shapes and types already checked. A call whose operands do not fit throws
 * {@link OpException}.
 */
public abstract class DescribedOps implements Ops {
    /**
     * Handles one call.
     *
     * @param action runs the same operation on other {@link Ops}
     */
    protected abstract void perform(OperationCall call, Consumer<Ops> action);

    @Override
    public void conv2dForward(Tensor y, Tensor x, Weight w, Epilogue epilogue, Conv2d geometry) {
        perform(
                ConvolutionCalls.conv2dForward(y, x, w, epilogue, geometry),
                ops -> ops.conv2dForward(y, x, w, epilogue, geometry));
    }

    @Override
    public void conv2dBackwardData(Tensor dx, Tensor dy, Weight w, Conv2d geometry, boolean accumulate) {
        perform(
                ConvolutionCalls.conv2dBackwardData(dx, dy, w, geometry, accumulate),
                ops -> ops.conv2dBackwardData(dx, dy, w, geometry, accumulate));
    }

    @Override
    public void conv2dBackwardWeights(Tensor dw, Tensor dbias, Tensor dy, Tensor x, Conv2d geometry) {
        perform(
                ConvolutionCalls.conv2dBackwardWeights(dw, dbias, dy, x, geometry),
                ops -> ops.conv2dBackwardWeights(dw, dbias, dy, x, geometry));
    }

    @Override
    public void timestepEmbedding(Tensor y, Tensor t) {
        perform(ConvolutionCalls.timestepEmbedding(y, t), ops -> ops.timestepEmbedding(y, t));
    }

    @Override
    public void linearForward(Tensor y, Tensor x, Weight w, Tensor bias) {
        perform(ConvolutionCalls.linearForward(y, x, w, bias), ops -> ops.linearForward(y, x, w, bias));
    }

    @Override
    public void linearBackwardData(Tensor dx, Tensor dy, Weight w, boolean accumulate) {
        perform(
                ConvolutionCalls.linearBackwardData(dx, dy, w, accumulate),
                ops -> ops.linearBackwardData(dx, dy, w, accumulate));
    }

    @Override
    public void linearBackwardWeights(Tensor dw, Tensor dbias, Tensor dy, Tensor x) {
        perform(
                ConvolutionCalls.linearBackwardWeights(dw, dbias, dy, x),
                ops -> ops.linearBackwardWeights(dw, dbias, dy, x));
    }

    @Override
    public void channelBiasBackward(Tensor dchannelBias, Tensor dy) {
        perform(
                ConvolutionCalls.channelBiasBackward(dchannelBias, dy),
                ops -> ops.channelBiasBackward(dchannelBias, dy));
    }

    @Override
    public void groupNormForward(
            Tensor y,
            Tensor mean,
            Tensor rstd,
            Tensor x,
            Tensor xTail,
            Tensor gamma,
            Tensor beta,
            int groups,
            float eps,
            Activation activation,
            Resample resample) {
        perform(
                NormalizationCalls.groupNormForward(y, mean, rstd, x, xTail, gamma, beta, groups, activation, resample),
                ops -> ops.groupNormForward(y, mean, rstd, x, xTail, gamma, beta, groups, eps, activation, resample));
    }

    @Override
    public void groupNormForwardQuantized(
            Tensor y,
            Quantization quantization,
            Tensor mean,
            Tensor rstd,
            Tensor x,
            Tensor xTail,
            Tensor gamma,
            Tensor beta,
            int groups,
            float eps,
            Activation activation,
            Resample resample) {
        perform(
                NormalizationCalls.groupNormForwardQuantized(
                        y, mean, rstd, x, xTail, gamma, beta, groups, activation, resample),
                ops -> ops.groupNormForwardQuantized(
                        y, quantization, mean, rstd, x, xTail, gamma, beta, groups, eps, activation, resample));
    }

    @Override
    public void conv2dForwardQuantized(
            Tensor y, Tensor x, Quantization quantization, Weight w, Epilogue epilogue, Conv2d geometry) {
        perform(
                ConvolutionCalls.conv2dForwardQuantized(y, x, w, epilogue, geometry),
                ops -> ops.conv2dForwardQuantized(y, x, quantization, w, epilogue, geometry));
    }

    @Override
    public void conv2dForwardRounded(Tensor y, Tensor x, Tensor xTail, Weight w, Tensor bias) {
        perform(
                ConvolutionCalls.conv2dForwardRounded(y, x, xTail, w, bias),
                ops -> ops.conv2dForwardRounded(y, x, xTail, w, bias));
    }

    @Override
    public void groupNormBackward(
            Tensor dx,
            Tensor dxTail,
            Tensor dgamma,
            Tensor dbeta,
            Tensor dy,
            Tensor x,
            Tensor xTail,
            Tensor mean,
            Tensor rstd,
            Tensor gamma,
            Tensor beta,
            int groups,
            Activation activation,
            Resample resample,
            boolean accumulate) {
        perform(
                NormalizationCalls.groupNormBackward(
                        dx,
                        dxTail,
                        dgamma,
                        dbeta,
                        dy,
                        x,
                        xTail,
                        mean,
                        rstd,
                        gamma,
                        beta,
                        groups,
                        activation,
                        resample,
                        accumulate),
                ops -> ops.groupNormBackward(
                        dx,
                        dxTail,
                        dgamma,
                        dbeta,
                        dy,
                        x,
                        xTail,
                        mean,
                        rstd,
                        gamma,
                        beta,
                        groups,
                        activation,
                        resample,
                        accumulate));
    }

    @Override
    public void batchNormForwardTraining(
            Tensor y,
            Tensor mean,
            Tensor rstd,
            Tensor runningMean,
            Tensor runningVar,
            Tensor x,
            Tensor gamma,
            Tensor beta,
            float momentum,
            float eps,
            Activation activation) {
        perform(
                NormalizationCalls.batchNormForwardTraining(
                        y, mean, rstd, runningMean, runningVar, x, gamma, beta, activation),
                ops -> ops.batchNormForwardTraining(
                        y, mean, rstd, runningMean, runningVar, x, gamma, beta, momentum, eps, activation));
    }

    @Override
    public void batchNormForwardInference(
            Tensor y,
            Tensor x,
            Tensor gamma,
            Tensor beta,
            Tensor runningMean,
            Tensor runningVar,
            float eps,
            Activation activation) {
        perform(
                NormalizationCalls.batchNormForwardInference(y, x, gamma, beta, runningMean, runningVar, activation),
                ops -> ops.batchNormForwardInference(y, x, gamma, beta, runningMean, runningVar, eps, activation));
    }

    @Override
    public void batchNormBackward(
            Tensor dx,
            Tensor dgamma,
            Tensor dbeta,
            Tensor dy,
            Tensor x,
            Tensor mean,
            Tensor rstd,
            Tensor gamma,
            Tensor beta,
            Activation activation) {
        perform(
                NormalizationCalls.batchNormBackward(dx, dgamma, dbeta, dy, x, mean, rstd, gamma, beta, activation),
                ops -> ops.batchNormBackward(dx, dgamma, dbeta, dy, x, mean, rstd, gamma, beta, activation));
    }

    @Override
    public void attentionForward(Tensor y, Tensor logSumExp, Tensor qkv, int heads) {
        perform(
                NormalizationCalls.attentionForward(y, logSumExp, qkv, heads),
                ops -> ops.attentionForward(y, logSumExp, qkv, heads));
    }

    @Override
    public void attentionBackward(Tensor dqkv, Tensor dy, Tensor y, Tensor qkv, Tensor logSumExp, int heads) {
        perform(
                NormalizationCalls.attentionBackward(dqkv, dy, y, qkv, logSumExp, heads),
                ops -> ops.attentionBackward(dqkv, dy, y, qkv, logSumExp, heads));
    }

    @Override
    public void resampleForward(Tensor y, Tensor x, Resample resample) {
        perform(PointwiseCalls.resampleForward(y, x, resample), ops -> ops.resampleForward(y, x, resample));
    }

    @Override
    public void resampleBackward(Tensor dx, Tensor dy, Resample resample, boolean accumulate) {
        perform(
                PointwiseCalls.resampleBackward(dx, dy, resample, accumulate),
                ops -> ops.resampleBackward(dx, dy, resample, accumulate));
    }

    @Override
    public void maxPool2Forward(Tensor y, Tensor argmax, Tensor x) {
        perform(PointwiseCalls.maxPool2Forward(y, argmax, x), ops -> ops.maxPool2Forward(y, argmax, x));
    }

    @Override
    public void maxPool2Backward(Tensor dx, Tensor dy, Tensor argmax, boolean accumulate) {
        perform(
                PointwiseCalls.maxPool2Backward(dx, dy, argmax, accumulate),
                ops -> ops.maxPool2Backward(dx, dy, argmax, accumulate));
    }

    @Override
    public void bilinearUp2Forward(Tensor y, Tensor x) {
        perform(PointwiseCalls.bilinearUp2Forward(y, x), ops -> ops.bilinearUp2Forward(y, x));
    }

    @Override
    public void bilinearUp2Backward(Tensor dx, Tensor dy) {
        perform(PointwiseCalls.bilinearUp2Backward(dx, dy), ops -> ops.bilinearUp2Backward(dx, dy));
    }

    @Override
    public void copyChannels(Tensor y, int yOffset, Tensor x, int xOffset, int count) {
        perform(
                PointwiseCalls.copyChannels(y, yOffset, x, xOffset, count),
                ops -> ops.copyChannels(y, yOffset, x, xOffset, count));
    }

    @Override
    public void fill(Tensor y, float value) {
        perform(PointwiseCalls.fill(y), ops -> ops.fill(y, value));
    }

    @Override
    public void copy(Tensor y, Tensor x) {
        perform(PointwiseCalls.copy(y, x), ops -> ops.copy(y, x));
    }

    @Override
    public void addScaled(Tensor y, Tensor x, float scale) {
        perform(PointwiseCalls.addScaled(y, x), ops -> ops.addScaled(y, x, scale));
    }

    @Override
    public void activationForward(Tensor y, Tensor x, Activation activation) {
        perform(PointwiseCalls.activationForward(y, x, activation), ops -> ops.activationForward(y, x, activation));
    }

    @Override
    public void activationBackward(Tensor dx, Tensor dy, Tensor x, Activation activation) {
        perform(
                PointwiseCalls.activationBackward(dx, dy, x, activation),
                ops -> ops.activationBackward(dx, dy, x, activation));
    }

    @Override
    public void adamStep(Tensor p, Tensor m, Tensor v, Tensor g, AdamSettings settings, float learningRate, int step) {
        perform(
                PointwiseCalls.adamStep(p, m, v, g, step),
                ops -> ops.adamStep(p, m, v, g, settings, learningRate, step));
    }

    @Override
    public void gaussianNoise(Tensor y, Tensor samples, long seed, int purpose) {
        perform(DiffusionCalls.gaussianNoise(y, samples), ops -> ops.gaussianNoise(y, samples, seed, purpose));
    }

    @Override
    public void addNoise(Tensor xt, Tensor x0, Tensor noise, Tensor coefficients) {
        perform(DiffusionCalls.addNoise(xt, x0, noise, coefficients), ops -> ops.addNoise(xt, x0, noise, coefficients));
    }

    @Override
    public void predictX0(Tensor x0, Tensor xt, Tensor eps, Tensor coefficients) {
        perform(DiffusionCalls.predictX0(x0, xt, eps, coefficients), ops -> ops.predictX0(x0, xt, eps, coefficients));
    }

    @Override
    public void normGuidanceForward(
            Tensor x0Guided,
            Tensor x0Noisier,
            Tensor xtRenoised,
            Tensor xtSmall,
            Tensor xtBig,
            Tensor epsSmall,
            Tensor epsBig,
            Tensor coefficients,
            float w) {
        perform(
                DiffusionCalls.normGuidanceForward(
                        x0Guided, x0Noisier, xtRenoised, xtSmall, xtBig, epsSmall, epsBig, coefficients),
                ops -> ops.normGuidanceForward(
                        x0Guided, x0Noisier, xtRenoised, xtSmall, xtBig, epsSmall, epsBig, coefficients, w));
    }

    @Override
    public void normGuidanceBackward(
            Tensor depsSmall,
            Tensor depsBig,
            Tensor dx0Guided,
            Tensor xtSmall,
            Tensor xtBig,
            Tensor epsSmall,
            Tensor epsBig,
            Tensor coefficients,
            float w) {
        perform(
                DiffusionCalls.normGuidanceBackward(
                        depsSmall, depsBig, dx0Guided, xtSmall, xtBig, epsSmall, epsBig, coefficients),
                ops -> ops.normGuidanceBackward(
                        depsSmall, depsBig, dx0Guided, xtSmall, xtBig, epsSmall, epsBig, coefficients, w));
    }

    @Override
    public void samplerStep(Tensor xPrevious, Tensor x0, Tensor xt, Tensor eps, Tensor noise, Tensor coefficients) {
        perform(
                DiffusionCalls.samplerStep(xPrevious, x0, xt, eps, noise, coefficients),
                ops -> ops.samplerStep(xPrevious, x0, xt, eps, noise, coefficients));
    }

    @Override
    public void squaredErrorForwardBackward(
            Tensor loss, Tensor deps, Tensor eps, Tensor noise, Tensor weight, boolean accumulate) {
        perform(
                DiffusionCalls.squaredErrorForwardBackward(loss, deps, eps, noise, weight, accumulate),
                ops -> ops.squaredErrorForwardBackward(loss, deps, eps, noise, weight, accumulate));
    }

    @Override
    public void segmentationLossForwardBackward(
            Tensor losses, Tensor dpred, Tensor pred, Tensor mask, SegmentationLoss settings) {
        perform(
                DiffusionCalls.segmentationLossForwardBackward(losses, dpred, pred, mask),
                ops -> ops.segmentationLossForwardBackward(losses, dpred, pred, mask, settings));
    }
}
