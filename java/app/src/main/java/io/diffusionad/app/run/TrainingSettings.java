package io.diffusionad.app.run;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.settings.Precision;
import lombok.Builder;

/**
 * Everything that decides the outcome of training besides the data and the machine. Stored in the run's {@code config.json}; {@code --resume} reads it
 * from there, so that a run goes on as it began.
 *
 * @param batch samples an optimisation step
 * @param microBatch samples whose UNet activations are in memory at once, 0 for the whole batch; never changes the gradient
 * @param smallTimesteps small-scale timesteps are drawn from [0, this)
 * @param bigTimesteps big-scale timesteps are drawn from [smallTimesteps, this)
 * @param learningRates how the segmentation network's learning rate moves; the UNet's is constant
 * @param validationShare share of the normal images that is kept from training: they set the decision threshold and, under {@link Select#SYNTHETIC}, choose the best checkpoint
 * @param evaluateEvery steps between evaluations, 0 for a twentieth of the run but at least 50
 */
@Builder(toBuilder = true)
public record TrainingSettings(ModelSettings model, Budget budget, int batch, int microBatch, Memory memory, Precision precision,
                               double unetLearningRate, double segmentationLearningRate, LearningRates learningRates, double weightDecay,
                               int smallTimesteps, int bigTimesteps, double validationShare, Select select, long evaluateEvery, long seed) {
    /** What a training step keeps in memory. */
    public enum Memory { LEAN, FAST }

    /** What "best" is judged on. */
    public enum Select { SYNTHETIC, TEST }

    /** COSINE: the reference's, annealed with T_max 10 and stepped every iteration. */
    public enum LearningRates { CONSTANT, COSINE }

    /** @throws InvalidInputException for values out of range, naming the option */
    public TrainingSettings {
        require(batch >= 1 && batch <= 4096, "--batch " + batch + " is impossible: choose 1 to 4096");
        require(microBatch >= 0 && microBatch <= batch, "--micro-batch " + microBatch + " is impossible: choose 1 to the batch size " + batch);
        require(unetLearningRate > 0 && unetLearningRate <= 1, "--unet-lr " + unetLearningRate + " is out of range: choose a number in (0, 1]");
        require(segmentationLearningRate > 0 && segmentationLearningRate <= 1, "--segmentation-lr " + segmentationLearningRate
                + " is out of range: choose a number in (0, 1]");
        require(weightDecay >= 0 && weightDecay <= 1, "--weight-decay " + weightDecay + " is out of range: choose a number in [0, 1]");
        int timesteps = model.diffusion().timesteps();
        require(smallTimesteps > 0 && smallTimesteps < bigTimesteps && bigTimesteps <= timesteps, "the timestep ranges [0, " + smallTimesteps + ") and ["
                + smallTimesteps + ", " + bigTimesteps + ") do not fit a schedule of " + timesteps + " steps: choose 0 < --small-range < --big-range <= "
                + timesteps);
        require(validationShare >= 0 && validationShare <= 0.9, "--validation " + validationShare + " is out of range: choose a share in [0, 0.9]");
        require(evaluateEvery >= 0, "--evaluate-every " + evaluateEvery + " is negative: choose a number of steps");
    }

    /** Defaults of what presets do not set. */
    public static class TrainingSettingsBuilder {
        private Memory memory = Memory.LEAN;
        private Precision precision = Precision.AUTO;
        private LearningRates learningRates = LearningRates.CONSTANT;
        private int smallTimesteps = 300;
        private int bigTimesteps = 1000;
        private double validationShare = 0.1;
        private Select select = Select.SYNTHETIC;
        private long seed = 42;
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new InvalidInputException(message);
        }
    }
}
