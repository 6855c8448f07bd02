package io.diffusionad.app.demo;

import io.diffusionad.app.demodata.DemoDataGenerator.Counts;
import io.diffusionad.app.run.Budget;
import io.diffusionad.app.run.Preset;
import io.diffusionad.app.run.RunSettings;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.settings.Precision;

/**
 * Everything that decides how long the demo takes and how good its detectors become, in one place. The demo must end within five minutes on two cores
 * and give the same numbers on every run on one machine: steps, not minutes, bound its training.
 *
 * @param dataSeed of the pictures
 * @param counts pictures a category
 * @param training settings of each of the runs, without the data
 * @param sheetsPerKind ten-panel sheets for this many test images of every kind
 */
public record DemoSettings(long dataSeed, Counts counts, RunSettings training, int sheetsPerKind) {
    private static final int IMAGE_SIZE = 64;
    private static final int BASE_CHANNELS = 32;
    private static final int SEGMENTATION_CHANNELS = 16;
    private static final int BATCH = 8;
    private static final long STEPS = 300;
    private static final double UNET_RATE = 1e-3;
    private static final double SEGMENTATION_RATE = 2e-3;
    private static final long TRAINING_SEED = 42;

    public static final DemoSettings DEFAULT = new DemoSettings(1, Counts.DEFAULT, Preset.TINY.settings().toBuilder()
            .model(ModelSettings.of(IMAGE_SIZE, BASE_CHANNELS, SEGMENTATION_CHANNELS, null))
            .budget(Budget.steps(STEPS))
            .batch(BATCH)
            .unetRate(UNET_RATE)
            .segmentationRate(SEGMENTATION_RATE)
            .precision(Precision.AUTO)
            .evaluateEvery(STEPS)
            .seed(TRAINING_SEED)
            .build(), 2);

    public DemoSettings withSteps(long steps) {
        return new DemoSettings(dataSeed, counts, training.toBuilder().budget(Budget.steps(steps)).evaluateEvery(steps).build(), sheetsPerKind);
    }

    public DemoSettings withCounts(Counts pictures) {
        return new DemoSettings(dataSeed, pictures, training, sheetsPerKind);
    }

    public DemoSettings withModel(ModelSettings model) {
        return new DemoSettings(dataSeed, counts, training.toBuilder().model(model).build(), sheetsPerKind);
    }
}
