package io.diffusionad.backend.cuda;

import io.diffusionad.ops.Activation;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.ops.OpException;
import io.diffusionad.ops.Ops;
import io.diffusionad.ops.Quantization;
import io.diffusionad.ops.Resample;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;
import jcuda.CudaException;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Every operation as launches of our kernels, one class a family. This class makes the device current and turns the
 * driver's errors into exceptions that name operation and shapes.
 */
final class CudaOps implements Ops {
    private final CudaContext context;
    private final CudaConvolution convolution;
    private final CudaConvolutionWeights convolutionWeights;
    private final ChannelSums channelSums;
    private final CudaNormalization normalization;
    private final CudaAttention attention;
    private final CudaResample resample;
    private final CudaLinear linear;
    private final CudaElementwise elementwise;
    private final CudaDiffusion diffusion;
    private final CudaLoss loss;

    CudaOps(
            CudaContext context,
            Launch launch,
            ScratchMemory scratch,
            PackedWeights packed,
            KernelTuner tuner,
            LibraryChoice choice,
            Optional<TensorMaps> tensorMaps,
            GpuProperties gpu,
            boolean tf32) {
        this.context = context;
        boolean tensorCores = gpu.hasTensorCores();
        channelSums = new ChannelSums(launch, scratch);
        convolution = new CudaConvolution(launch, scratch, packed, tuner, choice, tensorMaps, tensorCores, tf32);
        convolutionWeights =
                new CudaConvolutionWeights(launch, scratch, channelSums, tuner, choice, tensorMaps, tensorCores, tf32);
        normalization = new CudaNormalization(launch, scratch);
        attention = new CudaAttention(launch, scratch, gpu);
        resample = new CudaResample(launch);
        linear = new CudaLinear(launch);
        elementwise = new CudaElementwise(context, launch);
        diffusion = new CudaDiffusion(launch);
        loss = new CudaLoss(launch, scratch);
    }

    private void run(String operation, Runnable launches, Tensor... operands) {
        context.makeCurrent();
        try {
            launches.run();
        } catch (CudaException e) {
            throw CudaFailure.of(describe(operation, operands), e);
        } catch (IllegalArgumentException e) {
            throw new OpException(describe(operation, operands) + ": " + e.getMessage(), e);
        }
    }

    private static String describe(String operation, Tensor... operands) {
        return Stream.concat(Stream.of(operation), Arrays.stream(operands).map(Tensor::toString))
                .collect(Collectors.joining(" "));
    }

    @Override
    public void conv2dForward(Tensor y, Tensor x, Weight w, Epilogue epilogue, Conv2d geometry) {
        run("conv2dForward", () -> convolution.forward(y, x, w, epilogue, geometry), y, x, w.value());
    }

    @Override
    public void conv2dBackwardData(Tensor dx, Tensor dy, Weight w, Conv2d geometry, boolean accumulate) {
        run("conv2dBackwardData", () -> convolution.backwardData(dx, dy, w, geometry, accumulate), dx, dy, w.value());
    }

    @Override
    public void conv2dBackwardWeights(Tensor dw, Tensor dbias, Tensor dy, Tensor x, Conv2d geometry) {
        run("conv2dBackwardWeights", () -> convolutionWeights.backward(dw, dbias, dy, x, geometry), dw, dy, x);
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
            Resample change) {
        run(
                "groupNormForward",
                () -> normalization.groupForward(y, mean, rstd, x, xTail, gamma, beta, groups, eps, activation, change),
                y,
                x);
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
            Resample change) {
        throw noInt8("groupNormForwardQuantized");
    }

    @Override
    public void conv2dForwardQuantized(
            Tensor y, Tensor x, Quantization quantization, Weight w, Epilogue epilogue, Conv2d geometry) {
        throw noInt8("conv2dForwardQuantized");
    }

    @Override
    public void conv2dForwardRounded(Tensor y, Tensor x, Tensor xTail, Weight w, Tensor bias) {
        throw noInt8("conv2dForwardRounded");
    }

    private static OpException noInt8(String operation) {
        return new OpException(operation + ": int8 inference runs on the CPU alone; use bf16 or float32 here");
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
            Resample change,
            boolean accumulate) {
        run(
                "groupNormBackward",
                () -> normalization.groupBackward(
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
                        change,
                        accumulate),
                dx,
                dy,
                x);
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
        run(
                "batchNormForwardTraining",
                () -> normalization.batchForwardTraining(
                        y, mean, rstd, runningMean, runningVar, x, gamma, beta, momentum, eps, activation),
                y,
                x);
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
        run(
                "batchNormForwardInference",
                () -> normalization.batchForwardInference(y, x, gamma, beta, runningMean, runningVar, eps, activation),
                y,
                x);
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
        run(
                "batchNormBackward",
                () -> normalization.batchBackward(dx, dgamma, dbeta, dy, x, mean, rstd, gamma, beta, activation),
                dx,
                dy,
                x);
    }

    @Override
    public void attentionForward(Tensor y, Tensor logSumExp, Tensor qkv, int heads) {
        run("attentionForward", () -> attention.forward(y, logSumExp, qkv, heads), y, qkv);
    }

    @Override
    public void attentionBackward(Tensor dqkv, Tensor dy, Tensor y, Tensor qkv, Tensor logSumExp, int heads) {
        run("attentionBackward", () -> attention.backward(dqkv, dy, y, qkv, logSumExp, heads), dqkv, dy);
    }

    @Override
    public void resampleForward(Tensor y, Tensor x, Resample change) {
        run("resampleForward", () -> resample.forward(y, x, change), y, x);
    }

    @Override
    public void resampleBackward(Tensor dx, Tensor dy, Resample change, boolean accumulate) {
        run("resampleBackward", () -> resample.backward(dx, dy, change, accumulate), dx, dy);
    }

    @Override
    public void maxPool2Forward(Tensor y, Tensor argmax, Tensor x) {
        run("maxPool2Forward", () -> resample.maxPoolForward(y, argmax, x), y, x);
    }

    @Override
    public void maxPool2Backward(Tensor dx, Tensor dy, Tensor argmax, boolean accumulate) {
        run("maxPool2Backward", () -> resample.maxPoolBackward(dx, dy, argmax, accumulate), dx, dy);
    }

    @Override
    public void bilinearUp2Forward(Tensor y, Tensor x) {
        run("bilinearUp2Forward", () -> resample.bilinearForward(y, x), y, x);
    }

    @Override
    public void bilinearUp2Backward(Tensor dx, Tensor dy) {
        run("bilinearUp2Backward", () -> resample.bilinearBackward(dx, dy), dx, dy);
    }

    @Override
    public void copyChannels(Tensor y, int yOffset, Tensor x, int xOffset, int count) {
        run("copyChannels", () -> resample.copyChannels(y, yOffset, x, xOffset, count), y, x);
    }

    @Override
    public void timestepEmbedding(Tensor y, Tensor t) {
        run("timestepEmbedding", () -> diffusion.timestepEmbedding(y, t), y, t);
    }

    @Override
    public void linearForward(Tensor y, Tensor x, Weight w, Tensor bias) {
        run("linearForward", () -> linear.forward(y, x, w.value(), bias), y, x, w.value());
    }

    @Override
    public void linearBackwardData(Tensor dx, Tensor dy, Weight w, boolean accumulate) {
        run("linearBackwardData", () -> linear.backwardData(dx, dy, w.value(), accumulate), dx, dy, w.value());
    }

    @Override
    public void linearBackwardWeights(Tensor dw, Tensor dbias, Tensor dy, Tensor x) {
        run("linearBackwardWeights", () -> linear.backwardWeights(dw, dbias, dy, x), dw, dy, x);
    }

    @Override
    public void channelBiasBackward(Tensor dchannelBias, Tensor dy) {
        run("channelBiasBackward", () -> channelSums.perSample(dchannelBias, dy), dchannelBias, dy);
    }

    @Override
    public void fill(Tensor y, float value) {
        run("fill", () -> elementwise.fill(y, value), y);
    }

    @Override
    public void copy(Tensor y, Tensor x) {
        run("copy", () -> elementwise.copy(y, x), y, x);
    }

    @Override
    public void addScaled(Tensor y, Tensor x, float scale) {
        run("addScaled", () -> elementwise.addScaled(y, x, scale), y, x);
    }

    @Override
    public void activationForward(Tensor y, Tensor x, Activation activation) {
        run("activationForward", () -> elementwise.activationForward(y, x, activation), y, x);
    }

    @Override
    public void activationBackward(Tensor dx, Tensor dy, Tensor x, Activation activation) {
        run("activationBackward", () -> elementwise.activationBackward(dx, dy, x, activation), dx, dy, x);
    }

    @Override
    public void adamStep(Tensor p, Tensor m, Tensor v, Tensor g, AdamSettings settings, float learningRate, int step) {
        run("adamStep", () -> elementwise.adamStep(p, m, v, g, settings, learningRate, step), p);
    }

    @Override
    public void gaussianNoise(Tensor y, Tensor samples, long seed, int purpose) {
        run("gaussianNoise", () -> diffusion.gaussianNoise(y, samples, seed, purpose), y, samples);
    }

    @Override
    public void addNoise(Tensor xt, Tensor x0, Tensor noise, Tensor coefficients) {
        run("addNoise", () -> diffusion.addNoise(xt, x0, noise, coefficients), xt, x0, coefficients);
    }

    @Override
    public void predictX0(Tensor x0, Tensor xt, Tensor eps, Tensor coefficients) {
        run("predictX0", () -> diffusion.predictX0(x0, xt, eps, coefficients), x0, xt, coefficients);
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
        run(
                "normGuidanceForward",
                () -> diffusion.normGuidanceForward(
                        x0Guided, x0Noisier, xtRenoised, xtSmall, xtBig, epsSmall, epsBig, coefficients, w),
                x0Guided,
                coefficients);
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
        run(
                "normGuidanceBackward",
                () -> diffusion.normGuidanceBackward(
                        depsSmall, depsBig, dx0Guided, xtSmall, xtBig, epsSmall, epsBig, coefficients, w),
                dx0Guided,
                coefficients);
    }

    @Override
    public void samplerStep(Tensor xPrevious, Tensor x0, Tensor xt, Tensor eps, Tensor noise, Tensor coefficients) {
        run(
                "samplerStep",
                () -> diffusion.samplerStep(xPrevious, x0, xt, eps, noise, coefficients),
                xPrevious,
                coefficients);
    }

    @Override
    public void squaredErrorForwardBackward(
            Tensor losses, Tensor deps, Tensor eps, Tensor noise, Tensor weight, boolean accumulate) {
        run(
                "squaredErrorForwardBackward",
                () -> loss.squaredError(losses, deps, eps, noise, weight, accumulate),
                deps,
                eps);
    }

    @Override
    public void segmentationLossForwardBackward(
            Tensor losses, Tensor dpred, Tensor pred, Tensor mask, SegmentationLoss settings) {
        run(
                "segmentationLossForwardBackward",
                () -> loss.segmentation(losses, dpred, pred, mask, settings),
                dpred,
                pred);
    }
}
