package io.diffusionad.app.run;

import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.nn.SegmentationNetwork;
import io.diffusionad.nn.UNet;
import io.diffusionad.nn.Workspace;
import io.diffusionad.ops.OperationProfile;
import io.diffusionad.plan.PlanningDevice;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.train.StepInputs;
import io.diffusionad.train.TrainingSettings;
import io.diffusionad.train.TrainingStep;

import java.util.Collections;

/**
 * What training will cost, found by running the very code of a step and of a judgement on a device that only counts.
 *
 * @param parameters of both networks
 * @param flop a step, two a multiply-add
 * @param parameterBytes values, gradients and Adam's moments, and the backend's packed copies of the values
 * @param activationBytes the step's own memory at its peak
 * @param judgementBytes memory for scoring a micro-batch of images, held beside the step's
 */
public record TrainingPlan(
        long parameters, double flop, long parameterBytes, long activationBytes, long judgementBytes) {
    public static TrainingPlan of(ModelSettings model, TrainingSettings training) {
        PlanningDevice device = new PlanningDevice();
        try (Arena arena = device.newArena("parameters");
                Workspace workspace = new Workspace(device, "step")) {
            UNet unet = new UNet(model.unet(), device, arena, true);
            SegmentationNetwork segmentation = new SegmentationNetwork(model.segmentation(), device, arena, true);
            TrainingStep step = new TrainingStep(
                    unet, segmentation, model.diffusion().noiseSchedule(), workspace, device.ops(), training);
            device.profile().clear();
            try (var scope = workspace.main().scope()) {
                step.computeGradients(inputs(workspace.main(), model, training));
                step.update(0);
            }
            OperationProfile.Entry total = device.profile().total();
            return new TrainingPlan(
                    unet.parameters().parameterCount()
                            + segmentation.parameters().parameterCount(),
                    total.flop(),
                    arena.peak() + device.packedWeightBytes(),
                    workspace.peak(),
                    judgementBytes(device, unet, segmentation, model, training));
        }
    }

    public long memory() {
        return parameterBytes + activationBytes + judgementBytes;
    }

    private static long judgementBytes(
            PlanningDevice device,
            UNet unet,
            SegmentationNetwork segmentation,
            ModelSettings model,
            TrainingSettings training) {
        try (DetectionPipeline pipeline = new DetectionPipeline(
                device,
                unet,
                segmentation,
                model.diffusion(),
                training.activations(),
                DetectionPipeline.DEFAULT_SEED)) {
            pipeline.scoreMaps(Collections.nCopies(
                    training.microBatch(),
                    new float
                            [model.imageSize()
                                    * model.imageSize()
                                    * model.unet().inChannels()]));
            return pipeline.reservedMemory();
        }
    }

    private static StepInputs inputs(Arena arena, ModelSettings model, TrainingSettings training) {
        int n = training.batch();
        int size = model.imageSize();
        int channels = model.unet().inChannels();
        Tensor images = arena.tensor(DType.FLOAT32, n, size, size, channels);
        Tensor masks = arena.tensor(DType.FLOAT32, n, size, size, 1);
        Tensor noise = arena.tensor(DType.FLOAT32, 2 * n, size, size, channels);
        return new StepInputs(images, masks, new boolean[n], new long[n], new long[n], noise);
    }
}
