package io.diffusionad.testkit.cases;

import io.diffusionad.nn.Pass;
import io.diffusionad.nn.SegmentationConfig;
import io.diffusionad.nn.SegmentationNetwork;
import io.diffusionad.nn.UNet;
import io.diffusionad.nn.UNetConfig;
import io.diffusionad.nn.Workspace;
import io.diffusionad.ops.Activation;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.DescribedOps;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.ops.OperationCall;
import io.diffusionad.ops.Ops;
import io.diffusionad.ops.Resample;
import io.diffusionad.plan.PlanningDevice;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;
import io.diffusionad.testkit.OperationCase;
import io.diffusionad.testkit.Values;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Finds the full-size networks' operations by running both networks, forward and backward, where nothing is computed,
 * and noting each distinct call.
 */
final class FullSizeCases extends DescribedOps {
    private static final int IMAGE_SIZE = 256;
    private static final int UNET_CHANNELS = 128;
    private static final int SEGMENTATION_CHANNELS = 64;

    private final Map<String, OperationCase> found = new LinkedHashMap<>();

    private FullSizeCases() {}

    static List<OperationCase> of(int samples) {
        FullSizeCases cases = new FullSizeCases();
        PlanningDevice device = new PlanningDevice();
        try (Arena arena = device.newArena("parameters");
                Workspace workspace = new Workspace(device, "full size")) {
            UNet unet = new UNet(UNetConfig.of(IMAGE_SIZE, UNET_CHANNELS), device, arena, true);
            Pass pass = Pass.training(cases, workspace, DType.FLOAT32);
            Tensor images = pass.float32(samples, IMAGE_SIZE, IMAGE_SIZE, 3);
            Tensor noise = unet.forward(pass, images, pass.upload(new long[samples]));
            unet.backward(pass, pass.float32(images.dims()), noise);
        }
        try (Arena arena = device.newArena("parameters");
                Workspace workspace = new Workspace(device, "full size")) {
            SegmentationNetwork segmentation =
                    new SegmentationNetwork(SegmentationConfig.of(SEGMENTATION_CHANNELS), device, arena, true);
            Pass pass = Pass.training(cases, workspace, DType.FLOAT32);
            Tensor pairs = pass.float32(
                    samples, IMAGE_SIZE, IMAGE_SIZE, segmentation.config().inChannels());
            Tensor scores = segmentation.forward(pass, pairs, true);
            segmentation.backward(pass, pass.float32(samples, IMAGE_SIZE, IMAGE_SIZE, 3), 3, scores);
        }
        return List.copyOf(cases.found.values());
    }

    @Override
    protected void perform(OperationCall call, Consumer<Ops> action) {
        // The operations below are noted with their parameters; the rest, small ones of the time embedding and copies,
        // are not worth a benchmark.
    }

    private void note(OperationCase operationCase) {
        found.putIfAbsent(operationCase.name(), operationCase);
    }

    @Override
    public void conv2dForward(Tensor y, Tensor x, Weight w, Epilogue e, Conv2d geometry) {
        note(ConvolutionCases.forward(
                convolution(x, y, w.value(), geometry),
                new ConvolutionCases.Fused(
                        e.bias() != null,
                        e.channelBias() != null,
                        e.residual() != null,
                        e.residual() == y,
                        e.activation())));
    }

    @Override
    public void conv2dBackwardData(Tensor dx, Tensor dy, Weight w, Conv2d geometry, boolean accumulate) {
        note(ConvolutionCases.backwardData(convolution(dx, dy, w.value(), geometry), accumulate));
    }

    @Override
    public void conv2dBackwardWeights(Tensor dw, Tensor dbias, Tensor dy, Tensor x, Conv2d geometry) {
        note(ConvolutionCases.backwardWeights(convolution(x, dy, dw, geometry), dbias != null));
    }

    private static ConvolutionCases.Problem convolution(Tensor x, Tensor y, Tensor w, Conv2d geometry) {
        return new ConvolutionCases.Problem(x.dim(0), x.dim(1), x.dim(2), x.dim(3), y.dim(3), geometry, w.dim(3));
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
        note(NormalizationCases.groupNormForward(norm(x, xTail, groups), activation, resample));
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
        note(NormalizationCases.groupNormBackward(norm(x, xTail, groups), activation, resample, accumulate));
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
        note(NormalizationCases.batchNormForwardTraining(norm(x, null, 1), activation));
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
        note(NormalizationCases.batchNormBackward(norm(x, null, 1), activation, dx == dy));
    }

    private static NormalizationCases.Problem norm(Tensor x, Tensor xTail, int groups) {
        return NormalizationCases.Problem.of(
                x.dim(0), x.dim(1), x.dim(2), x.dim(3), xTail == null ? 0 : xTail.dim(3), groups);
    }

    @Override
    public void attentionForward(Tensor y, Tensor logSumExp, Tensor qkv, int heads) {
        note(AttentionCases.forward(new AttentionCases.Problem(y.dim(0), y.dim(1), y.dim(2), heads, 1)));
    }

    @Override
    public void attentionBackward(Tensor dqkv, Tensor dy, Tensor y, Tensor qkv, Tensor logSumExp, int heads) {
        note(AttentionCases.backward(new AttentionCases.Problem(y.dim(0), y.dim(1), y.dim(2), heads, 1)));
    }

    @Override
    public void resampleForward(Tensor y, Tensor x, Resample resample) {
        note(ResampleCases.forward(small(x, y), resample));
    }

    @Override
    public void resampleBackward(Tensor dx, Tensor dy, Resample resample, boolean accumulate) {
        note(ResampleCases.backward(small(dx, dy), resample, accumulate));
    }

    @Override
    public void maxPool2Forward(Tensor y, Tensor argmax, Tensor x) {
        note(ResampleCases.maxPoolForward(small(x, y), Values.normal(1), ""));
    }

    @Override
    public void maxPool2Backward(Tensor dx, Tensor dy, Tensor argmax, boolean accumulate) {
        note(ResampleCases.maxPoolBackward(small(dx, dy), accumulate));
    }

    @Override
    public void bilinearUp2Forward(Tensor y, Tensor x) {
        note(ResampleCases.bilinearForward(small(x, y)));
    }

    @Override
    public void bilinearUp2Backward(Tensor dx, Tensor dy) {
        note(ResampleCases.bilinearBackward(small(dx, dy)));
    }

    @Override
    public void channelBiasBackward(Tensor dchannelBias, Tensor dy) {
        note(LinearCases.channelBiasBackward(dy.dim(0), dy.dim(1), dy.dim(2), dy.dim(3)));
    }

    private static ResampleCases.Problem small(Tensor a, Tensor b) {
        Tensor smaller = a.dim(1) < b.dim(1) ? a : b;
        return new ResampleCases.Problem(smaller.dim(0), smaller.dim(1), smaller.dim(2), smaller.dim(3));
    }
}
