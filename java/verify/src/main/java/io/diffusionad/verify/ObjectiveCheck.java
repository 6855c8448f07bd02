package io.diffusionad.verify;

import io.diffusionad.device.Transfers;
import io.diffusionad.diffusion.NoiseSchedule;
import io.diffusionad.io.HostTensor;
import io.diffusionad.nn.UNet;
import io.diffusionad.nn.Workspace;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.Layouts;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.train.ReconstructionObjective;
import io.diffusionad.train.StepInputs;
import io.diffusionad.train.TrainingSettings;

import java.io.IOException;

/**
 * The UNet's training objective on single batches ({@code train.<case>.…}): noise loss, guided reconstruction, and the
 * parameter gradients of {@code loss + mean(x0_guided · x0_weight)}.
 */
final class ObjectiveCheck implements Check {
    private static final String LABELS = ".labels";

    @Override
    public boolean accepts(GoldenFile file) {
        return file.hasMetadata("unet")
                && file.hasMetadata("schedule")
                && file.names().stream().anyMatch(ObjectiveCheck::startsCase);
    }

    @Override
    public void run(GoldenFile file, Replay replay) throws IOException {
        try (Arena arena = replay.device().newArena("verify " + file.name());
                Workspace workspace = new Workspace(replay.device(), "verify passes")) {
            UNet unet = DiffusionCheck.network(file, replay, arena, true);
            NoiseSchedule schedule =
                    ScheduleCheck.schedule(file, file.contents().metadata().get("schedule"));
            TrainingSettings settings = TrainingSettings.DEFAULT.withActivations(replay.precision());
            for (String name : file.names()) {
                if (startsCase(name)) {
                    String prefix = name.substring(0, name.length() - LABELS.length() + 1);
                    runCase(
                            file,
                            replay,
                            prefix,
                            unet,
                            new ReconstructionObjective(
                                    unet, schedule, workspace, replay.device().ops(), settings),
                            workspace,
                            schedule);
                    workspace.main().release(0);
                }
            }
        }
    }

    private static void runCase(
            GoldenFile file,
            Replay replay,
            String prefix,
            UNet unet,
            ReconstructionObjective objective,
            Workspace workspace,
            NoiseSchedule schedule)
            throws IOException {
        StepInputs inputs =
                RecordedBatch.read(file, replay, workspace.main(), file.image("x0"), null, prefix, "labels");
        unet.parameters().zeroGradients();
        Tensor x0Guided = objective.forward(inputs);
        HostTensor weight = file.image(prefix + "x0_weight");
        float[] actual = replay.download(x0Guided);
        float[] expected = file.floats(prefix + "x0_guided");
        float[] scaled = weight.toFloats();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] /= scaled.length;
        }
        int[] s = weight.shape();
        Tensor dx0Guided = workspace.main().float32(x0Guided.dims());
        Transfers.upload(replay.device(), dx0Guided, Layouts.toNhwc(scaled, s[0], s[1], s[2], s[3]));
        objective.backward(dx0Guided);

        RoundingModel rounding = RoundingModel.of(replay.precision(), unet.parameters());
        double amplification = amplification(schedule, inputs) * Math.sqrt(actual.length) / Errors.l2(expected);
        replay.add(file, prefix + "x0_guided", Errors.relativeL2(actual, expected), amplification * rounding.forward());
        // The predicted noise has a mean square of about 1, and so has the residual: the loss doubles the relative
        // error.
        replay.add(
                file,
                prefix + "loss",
                Errors.relative(objective.noiseLoss(), file.scalar(prefix + "loss")),
                2 * rounding.forward());
        double bound = rounding.backward()
                + Math.sqrt(2) * amplification * rounding.forward()
                + 2 * Math.sqrt(clampsThatDiffer(actual, expected));
        replay.addGradients(
                file,
                prefix,
                unet.parameters(),
                file.probes(
                        prefix + "grad_l2",
                        prefix + "grad_dot",
                        unet.parameters().trainableNames()),
                bound);
    }

    /**
     * How many times its size an error of the predicted noise arrives in the guided reconstruction, at the batch's
     * worst timesteps.
     */
    private static double amplification(NoiseSchedule schedule, StepInputs inputs) {
        double worst = 0;
        for (int n = 0; n < inputs.tSmall().length; n++) {
            long small = inputs.tSmall()[n];
            double renoised = schedule.sqrtAlphaBar(small) * schedule.sqrtRecipMinusOneAlphaBar(inputs.tBig()[n])
                    + schedule.sqrtOneMinusAlphaBar(small);
            worst = Math.max(
                    worst,
                    schedule.sqrtRecipMinusOneAlphaBar(small)
                            * (1
                                    + schedule.sqrtOneMinusAlphaBar(small)
                                            * TrainingSettings.DEFAULT.guidance()
                                            * renoised));
        }
        return worst;
    }

    /**
     * Share of values on a bound of the clamp in one and inside in the other: where rounding switched the gradient on
     * or off.
     */
    private static double clampsThatDiffer(float[] actual, float[] expected) {
        int differ = 0;
        for (int i = 0; i < actual.length; i++) {
            if ((Math.abs(actual[i]) == 1) != (Math.abs(expected[i]) == 1)) {
                differ++;
            }
        }
        return (double) differ / actual.length;
    }

    private static boolean startsCase(String name) {
        return name.startsWith("train.") && name.endsWith(LABELS);
    }
}
