package io.diffusionad.train;

import io.diffusionad.device.Transfers;
import io.diffusionad.diffusion.Coefficients;
import io.diffusionad.diffusion.NoiseSchedule;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.nn.UNet;
import io.diffusionad.nn.Workspace;
import io.diffusionad.ops.Ops;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import java.util.stream.LongStream;

/**
 * The UNet's half of a training step: noises a batch at two scales, predicts both noises, and reconstructs by norm
 * guidance; then takes the gradient of the reconstruction, adds that of the noise loss in closed form, and runs the
 * UNet backward. Use: {@link #forward}, then {@link #backward}, in one scope of the workspace's main arena.
 */
public final class ReconstructionObjective {
    private final NoiseSchedule schedule;
    private final Workspace workspace;
    private final Ops ops;
    private final NoisePredictor predictor;
    private final float guidance;
    private State state;

    private record State(
            StepInputs inputs,
            Tensor xt, // (2N, H, W, 3): small scale, then big
            Tensor eps, // (2N, H, W, 3)
            Tensor guidanceCoefficients, // (N, 6)
            Tensor squaredErrors) { // (2N)
    }

    /** @throws InvalidInputException when the schedule has no timesteps above the settings' split */
    public ReconstructionObjective(
            UNet unet, NoiseSchedule schedule, Workspace workspace, Ops ops, TrainingSettings settings) {
        if (settings.timestepSplit() >= schedule.timesteps()) {
            throw new InvalidInputException("the split between small and big timesteps is " + settings.timestepSplit()
                    + ", but the noise schedule has only " + schedule.timesteps()
                    + " timesteps: lower the split or lengthen the schedule");
        }
        this.schedule = schedule;
        this.workspace = workspace;
        this.ops = ops;
        this.guidance = (float) settings.guidance();
        this.predictor = new NoisePredictor(
                unet, workspace, ops, settings.activations(), settings.memory(), 2 * settings.microBatch());
    }

    /** The guided reconstruction x̂0 (N, H, W, 3) in [-1, 1], in the workspace's main arena. */
    public Tensor forward(StepInputs inputs) {
        int n = inputs.samples();
        int[] dims = inputs.images().dims();
        Tensor x0Guided = arena().float32(dims);
        Tensor xt = arena().float32(inputs.noise().dims());
        Tensor eps = arena().float32(inputs.noise().dims());
        Tensor coefficients = upload(Coefficients.normGuidance(schedule, inputs.tSmall(), inputs.tBig()), n, 6);
        state = new State(inputs, xt, eps, coefficients, arena().float32(2 * n));
        addNoise(xt.slice(0, n), inputs, inputs.noise().slice(0, n), inputs.tSmall());
        addNoise(xt.slice(n, 2 * n), inputs, inputs.noise().slice(n, 2 * n), inputs.tBig());
        long[] t = LongStream.concat(LongStream.of(inputs.tSmall()), LongStream.of(inputs.tBig()))
                .toArray();
        Tensor timesteps = arena().tensor(DType.INT64, 2 * n);
        Transfers.upload(workspace.device(), timesteps, t);
        predictor.forward(eps, xt, timesteps);
        ops.normGuidanceForward(
                x0Guided,
                null,
                null,
                xt.slice(0, n),
                xt.slice(n, 2 * n),
                eps.slice(0, n),
                eps.slice(n, 2 * n),
                coefficients,
                guidance);
        return x0Guided;
    }

    /**
     * Adds the gradients of the UNet's parameters by noise loss and reconstruction; @param dx0Guided like the
     * reconstruction
     */
    public void backward(Tensor dx0Guided) {
        int n = state.inputs.samples();
        try (var scope = arena().scope()) {
            Tensor deps = arena().float32(state.eps.dims());
            ops.normGuidanceBackward(
                    deps.slice(0, n),
                    deps.slice(n, 2 * n),
                    dx0Guided,
                    state.xt.slice(0, n),
                    state.xt.slice(n, 2 * n),
                    state.eps.slice(0, n),
                    state.eps.slice(n, 2 * n),
                    state.guidanceCoefficients,
                    guidance);
            ops.squaredErrorForwardBackward(
                    state.squaredErrors, deps, state.eps, state.inputs.noise(), upload(noiseWeights(), 2 * n), true);
            predictor.backward(deps);
        }
    }

    /**
     * The noise loss of the last backward pass: the mean over normal samples of both scales' mean squared errors, 0
     * without normal samples.
     */
    public double noiseLoss() {
        float[] errors = Transfers.toFloats(workspace.device(), state.squaredErrors);
        float[] weights = noiseWeights();
        double loss = 0;
        for (int i = 0; i < errors.length; i++) {
            if (weights[i] != 0) {
                loss += (double) weights[i] * errors[i];
            }
        }
        return loss;
    }

    /** (2N): one over the number of normal samples for these, 0 for anomalous ones. */
    private float[] noiseWeights() {
        boolean[] anomalous = state.inputs.anomalous();
        int normal = 0;
        for (boolean each : anomalous) {
            normal += each ? 0 : 1;
        }
        float[] weights = new float[2 * anomalous.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = anomalous[i % anomalous.length] ? 0f : 1f / normal;
        }
        return weights;
    }

    private void addNoise(Tensor xt, StepInputs inputs, Tensor noise, long[] t) {
        ops.addNoise(xt, inputs.images(), noise, upload(Coefficients.addNoise(schedule, t), t.length, 2));
    }

    private Tensor upload(float[] values, int... dims) {
        Tensor tensor = arena().float32(dims);
        Transfers.upload(workspace.device(), tensor, values);
        return tensor;
    }

    private Arena arena() {
        return workspace.main();
    }
}
