package io.diffusionad.train;

import io.diffusionad.device.Transfers;
import io.diffusionad.diffusion.NoiseSchedule;
import io.diffusionad.nn.ParameterStore;
import io.diffusionad.nn.ParameterStore.Slab;
import io.diffusionad.nn.Pass;
import io.diffusionad.nn.SegmentationNetwork;
import io.diffusionad.nn.UNet;
import io.diffusionad.nn.Workspace;
import io.diffusionad.ops.ElementwiseOps.AdamSettings;
import io.diffusionad.ops.LossOps.SegmentationLoss;
import io.diffusionad.ops.Ops;
import io.diffusionad.tensor.Tensor;

/**
 * One optimisation step of both networks (SPEC §8), in bounded memory: the UNet runs forward without saving; the
 * segmentation network runs forward and backward on the whole batch, because its batch normalisation needs it, and its
 * memory is released; the gradient of x̂0 becomes that of both predicted noises in closed form; then the UNet runs
 * forward again and backward, micro-batch by micro-batch. Not thread-safe.
 */
public final class TrainingStep {
    private final UNet unet;
    private final SegmentationNetwork segmentation;
    private final Workspace workspace;
    private final Ops ops;
    private final TrainingSettings settings;
    private final ReconstructionObjective objective;
    private final AdamSettings adam;
    private final LearningRate unetRate;
    private final LearningRate segmentationRate;

    /**
     * Networks must have been built trainable.
     *
     * @param workspace all memory of the step besides the networks' own
     * @param ops the device's operations, possibly decorated
     */
    public TrainingStep(
            UNet unet,
            SegmentationNetwork segmentation,
            NoiseSchedule schedule,
            Workspace workspace,
            Ops ops,
            TrainingSettings settings) {
        this.unet = unet;
        this.segmentation = segmentation;
        this.workspace = workspace;
        this.ops = ops;
        this.settings = settings;
        this.objective = new ReconstructionObjective(unet, schedule, workspace, ops, settings);
        AdamSettings standard = AdamSettings.DEFAULT;
        this.adam =
                new AdamSettings(standard.beta1(), standard.beta2(), standard.eps(), (float) settings.weightDecay());
        this.unetRate = LearningRate.constant(settings.unetRate());
        this.segmentationRate = new CosineAnnealing(settings.segmentationRate(), settings.annealingSteps());
    }

    /** Computes losses and gradients of one batch; gradients replace earlier ones, running statistics move. */
    public Losses computeGradients(StepInputs inputs) {
        unet.parameters().zeroGradients();
        segmentation.parameters().zeroGradients();
        try (var scope = workspace.main().scope()) {
            Tensor segmentationLosses = workspace.main().float32(2);
            Tensor dx0Guided = workspace.main().float32(inputs.images().dims());
            Tensor x0Guided = objective.forward(inputs);
            segment(segmentationLosses, dx0Guided, inputs, x0Guided);
            objective.backward(dx0Guided);
            float[] values = Transfers.toFloats(workspace.device(), segmentationLosses);
            SegmentationLoss weights = settings.segmentationLoss();
            double noise = objective.noiseLoss();
            return new Losses(
                    noise + weights.focalWeight() * (double) values[0] + weights.smoothWeight() * (double) values[1],
                    noise,
                    values[0],
                    values[1]);
        }
    }

    /** Moves the parameters of both networks along their gradients; @param step 0 for the first */
    public void update(long step) {
        adam(unet.parameters(), unetRate.at(step), step);
        adam(segmentation.parameters(), segmentationRate.at(step), step);
    }

    /** Learning rate of the UNet at a step, 0 for the first. */
    public double unetRate(long step) {
        return unetRate.at(step);
    }

    /** Learning rate of the segmentation network at a step, 0 for the first. */
    public double segmentationRate(long step) {
        return segmentationRate.at(step);
    }

    private void segment(Tensor losses, Tensor dx0Guided, StepInputs inputs, Tensor x0Guided) {
        int imageChannels = inputs.images().dim(3);
        int[] dims = inputs.images().dims();
        try (var scope = workspace.main().scope()) {
            Pass pass = Pass.training(ops, workspace, settings.activations());
            Tensor pair = pass.float32(dims[0], dims[1], dims[2], 2 * imageChannels);
            ops.copyChannels(pair, 0, inputs.images(), 0, imageChannels);
            ops.copyChannels(pair, imageChannels, x0Guided, 0, imageChannels);
            Tensor probabilities = segmentation.forward(pass, pair, true);
            Tensor dprobabilities = pass.float32(probabilities.dims());
            ops.segmentationLossForwardBackward(
                    losses, dprobabilities, probabilities, inputs.masks(), settings.segmentationLoss());
            segmentation.backward(pass, dx0Guided, imageChannels, dprobabilities);
        }
    }

    private void adam(ParameterStore parameters, double rate, long step) {
        ops.adamStep(
                parameters.slab(Slab.VALUES),
                parameters.slab(Slab.FIRST_MOMENTS),
                parameters.slab(Slab.SECOND_MOMENTS),
                parameters.slab(Slab.GRADIENTS),
                adam,
                (float) rate,
                Math.toIntExact(step + 1));
        parameters.changed();
    }
}
