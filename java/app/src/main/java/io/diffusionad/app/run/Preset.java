package io.diffusionad.app.run;

import io.diffusionad.data.MaskThreshold;
import io.diffusionad.image.Preparation;
import io.diffusionad.metrics.DecisionThreshold;
import io.diffusionad.nn.SegmentationConfig;
import io.diffusionad.nn.UNetConfig;
import io.diffusionad.settings.DiffusionSettings;
import io.diffusionad.settings.ModelSettings;

import java.util.List;

/**
 * Starting points for training. The networks of the smaller ones learn in minutes on a CPU, with larger learning rates;
 * {@link #PAPER} is the published configuration.
 */
public enum Preset {
    /** 64x64 pixels, a few minutes on two cores: to try things out, and what the demo trains. */
    TINY(RunSettings.builder()
            .model(new ModelSettings(
                    new UNetConfig(64, 3, 32, List.of(1.0, 1.0, 2.0, 2.0), List.of(8), 1, 4, -1, true, 0),
                    SegmentationConfig.of(16),
                    tinyNoise(),
                    Preparation.AREA))
            .timestepSplit(200)
            .heldOut(DecisionThreshold.imagesFor(DecisionThreshold.DEFAULT_RATE))
            .budget(Budget.steps(600))
            .annealingSteps(600)
            .batch(8)
            .unetRate(1e-3)
            .segmentationRate(3e-3)),
    /** 128x128 pixels, for CPUs with patience and small GPUs. */
    SMALL(RunSettings.builder()
            .model(ModelSettings.of(128, 64, 32, null).withPreparation(Preparation.AREA))
            .budget(Budget.steps(4000))
            .heldOut(DecisionThreshold.imagesFor(DecisionThreshold.DEFAULT_RATE))
            .batch(8)
            .unetRate(2e-4)
            .segmentationRate(5e-4)),
    /** 256x256 pixels, the reference's networks, learning rates and 3000 epochs: for GPUs. */
    PAPER(RunSettings.builder()
            .model(ModelSettings.of(256, 128, 64, null))
            .budget(Budget.epochs(3000))
            .batch(16)
            .unetRate(1e-4)
            .segmentationRate(1e-5)
            .maskThreshold(MaskThreshold.REFERENCE));

    private final RunSettings settings;

    Preset(RunSettings.RunSettingsBuilder settings) {
        this.settings = settings.microBatch(1).build();
    }

    /** Every setting but the data. */
    public RunSettings settings() {
        return settings;
    }

    /**
     * The noise scales of the published network, made for 256 pixels, would drown a picture of 64: with 16 times fewer
     * pixels to average over, the same detail is lost at a much smaller noise.
     */
    private static DiffusionSettings tinyNoise() {
        return new DiffusionSettings(1000, DiffusionSettings.Schedule.LINEAR, 60, 200, 1);
    }
}
