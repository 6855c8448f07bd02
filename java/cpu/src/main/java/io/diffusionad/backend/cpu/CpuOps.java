package io.diffusionad.backend.cpu;

import io.diffusionad.ops.Activation;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.ops.Ops;
import io.diffusionad.ops.Quantization;
import io.diffusionad.ops.Resample;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;

/** The operations of one CPU device: every family has a class of its own, this one puts them together. */
final class CpuOps implements Ops {
    private final CpuConvolution convolution;
    private final CpuNormalization normalization;
    private final CpuAttention attention;
    private final CpuResample resampling;
    private final CpuLinear linear;
    private final CpuElementwise elementwise;
    private final CpuDiffusion diffusion;
    private final CpuLoss losses;

    CpuOps(CpuHandle handle) {
        convolution = new CpuConvolution(handle);
        normalization = new CpuNormalization(handle);
        attention = new CpuAttention(handle);
        resampling = new CpuResample(handle);
        linear = new CpuLinear(handle);
        elementwise = new CpuElementwise(handle);
        diffusion = new CpuDiffusion(handle);
        losses = new CpuLoss(handle);
    }

    /**
     * One line for every convolution shape that oneDNN has met so far, ending in the name of the implementation that it
     * chose.
     */
    String convolutionImplementations() {
        return convolution.implementations();
    }

    @Override
    public void conv2dForward(Tensor y, Tensor x, Weight w, Epilogue epilogue, Conv2d geometry) {
        convolution.conv2dForward(y, x, w, epilogue, geometry);
    }

    @Override
    public void conv2dBackwardData(Tensor dx, Tensor dy, Weight w, Conv2d geometry, boolean accumulate) {
        convolution.conv2dBackwardData(dx, dy, w, geometry, accumulate);
    }

    @Override
    public void conv2dBackwardWeights(Tensor dw, Tensor dbias, Tensor dy, Tensor x, Conv2d geometry) {
        convolution.conv2dBackwardWeights(dw, dbias, dy, x, geometry);
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
        normalization.groupNormForward(y, mean, rstd, x, xTail, gamma, beta, groups, eps, activation, resample);
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
        normalization.groupNormBackward(
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
                accumulate);
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
        normalization.groupNormForwardQuantized(
                y, quantization, mean, rstd, x, xTail, gamma, beta, groups, eps, activation, resample);
    }

    @Override
    public void conv2dForwardQuantized(
            Tensor y, Tensor x, Quantization quantization, Weight w, Epilogue epilogue, Conv2d geometry) {
        convolution.conv2dForwardQuantized(y, x, quantization, w, epilogue, geometry);
    }

    @Override
    public void conv2dForwardRounded(Tensor y, Tensor x, Tensor xTail, Weight w, Tensor bias) {
        convolution.conv2dForwardRounded(y, x, xTail, w, bias);
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
        normalization.batchNormForwardTraining(
                y, mean, rstd, runningMean, runningVar, x, gamma, beta, momentum, eps, activation);
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
        normalization.batchNormForwardInference(y, x, gamma, beta, runningMean, runningVar, eps, activation);
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
        normalization.batchNormBackward(dx, dgamma, dbeta, dy, x, mean, rstd, gamma, beta, activation);
    }

    @Override
    public void attentionForward(Tensor y, Tensor logSumExp, Tensor qkv, int heads) {
        attention.attentionForward(y, logSumExp, qkv, heads);
    }

    @Override
    public void attentionBackward(Tensor dqkv, Tensor dy, Tensor y, Tensor qkv, Tensor logSumExp, int heads) {
        attention.attentionBackward(dqkv, dy, y, qkv, logSumExp, heads);
    }

    @Override
    public void resampleForward(Tensor y, Tensor x, Resample resample) {
        resampling.resampleForward(y, x, resample);
    }

    @Override
    public void resampleBackward(Tensor dx, Tensor dy, Resample resample, boolean accumulate) {
        resampling.resampleBackward(dx, dy, resample, accumulate);
    }

    @Override
    public void maxPool2Forward(Tensor y, Tensor argmax, Tensor x) {
        resampling.maxPool2Forward(y, argmax, x);
    }

    @Override
    public void maxPool2Backward(Tensor dx, Tensor dy, Tensor argmax, boolean accumulate) {
        resampling.maxPool2Backward(dx, dy, argmax, accumulate);
    }

    @Override
    public void bilinearUp2Forward(Tensor y, Tensor x) {
        resampling.bilinearUp2Forward(y, x);
    }

    @Override
    public void bilinearUp2Backward(Tensor dx, Tensor dy) {
        resampling.bilinearUp2Backward(dx, dy);
    }

    @Override
    public void copyChannels(Tensor y, int yOffset, Tensor x, int xOffset, int count) {
        resampling.copyChannels(y, yOffset, x, xOffset, count);
    }

    @Override
    public void timestepEmbedding(Tensor y, Tensor t) {
        linear.timestepEmbedding(y, t);
    }

    @Override
    public void linearForward(Tensor y, Tensor x, Weight w, Tensor bias) {
        linear.linearForward(y, x, w, bias);
    }

    @Override
    public void linearBackwardData(Tensor dx, Tensor dy, Weight w, boolean accumulate) {
        linear.linearBackwardData(dx, dy, w, accumulate);
    }

    @Override
    public void linearBackwardWeights(Tensor dw, Tensor dbias, Tensor dy, Tensor x) {
        linear.linearBackwardWeights(dw, dbias, dy, x);
    }

    @Override
    public void channelBiasBackward(Tensor dchannelBias, Tensor dy) {
        linear.channelBiasBackward(dchannelBias, dy);
    }

    @Override
    public void fill(Tensor y, float value) {
        elementwise.fill(y, value);
    }

    @Override
    public void copy(Tensor y, Tensor x) {
        elementwise.copy(y, x);
    }

    @Override
    public void addScaled(Tensor y, Tensor x, float scale) {
        elementwise.addScaled(y, x, scale);
    }

    @Override
    public void activationForward(Tensor y, Tensor x, Activation activation) {
        elementwise.activationForward(y, x, activation);
    }

    @Override
    public void activationBackward(Tensor dx, Tensor dy, Tensor x, Activation activation) {
        elementwise.activationBackward(dx, dy, x, activation);
    }

    @Override
    public void adamStep(Tensor p, Tensor m, Tensor v, Tensor g, AdamSettings settings, float learningRate, int step) {
        elementwise.adamStep(p, m, v, g, settings, learningRate, step);
    }

    @Override
    public void gaussianNoise(Tensor y, Tensor samples, long seed, int purpose) {
        diffusion.gaussianNoise(y, samples, seed, purpose);
    }

    @Override
    public void addNoise(Tensor xt, Tensor x0, Tensor noise, Tensor coefficients) {
        diffusion.addNoise(xt, x0, noise, coefficients);
    }

    @Override
    public void predictX0(Tensor x0, Tensor xt, Tensor eps, Tensor coefficients) {
        diffusion.predictX0(x0, xt, eps, coefficients);
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
        diffusion.normGuidanceForward(
                x0Guided, x0Noisier, xtRenoised, xtSmall, xtBig, epsSmall, epsBig, coefficients, w);
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
        diffusion.normGuidanceBackward(
                depsSmall, depsBig, dx0Guided, xtSmall, xtBig, epsSmall, epsBig, coefficients, w);
    }

    @Override
    public void samplerStep(Tensor xPrevious, Tensor x0, Tensor xt, Tensor eps, Tensor noise, Tensor coefficients) {
        diffusion.samplerStep(xPrevious, x0, xt, eps, noise, coefficients);
    }

    @Override
    public void squaredErrorForwardBackward(
            Tensor loss, Tensor deps, Tensor eps, Tensor noise, Tensor weight, boolean accumulate) {
        losses.squaredErrorForwardBackward(loss, deps, eps, noise, weight, accumulate);
    }

    @Override
    public void segmentationLossForwardBackward(
            Tensor losses, Tensor dpred, Tensor pred, Tensor mask, SegmentationLoss settings) {
        this.losses.segmentationLossForwardBackward(losses, dpred, pred, mask, settings);
    }
}
