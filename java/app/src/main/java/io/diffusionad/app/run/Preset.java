package io.diffusionad.app.run;

import io.diffusionad.settings.ModelSettings;

/**
 * Starting points for training. The networks of the smaller ones learn in minutes on a CPU, with larger learning rates; {@link #PAPER} is the
 * published configuration.
 */
public enum Preset {
    /** 64x64 pixels, a few minutes on two cores: to try things out. */
    TINY(64, 32, 16, 8, 5e-4, 1e-3, Budget.steps(600)),
    /** 128x128 pixels, for CPUs with patience and small GPUs. */
    SMALL(128, 64, 32, 8, 2e-4, 5e-4, Budget.steps(4000)),
    /** 256x256 pixels, the reference's networks, learning rates and 3000 epochs: for GPUs. */
    PAPER(256, 128, 64, 16, 1e-4, 1e-5, Budget.epochs(3000));

    private final int imageSize;
    private final int baseChannels;
    private final int segmentationChannels;
    private final int batch;
    private final double unetRate;
    private final double segmentationRate;
    private final Budget budget;

    Preset(int imageSize, int baseChannels, int segmentationChannels, int batch, double unetRate, double segmentationRate, Budget budget) {
        this.imageSize = imageSize;
        this.baseChannels = baseChannels;
        this.segmentationChannels = segmentationChannels;
        this.batch = batch;
        this.unetRate = unetRate;
        this.segmentationRate = segmentationRate;
        this.budget = budget;
    }

    /** Every setting but the data. */
    public RunSettings settings() {
        return RunSettings.builder()
                .model(ModelSettings.of(imageSize, baseChannels, segmentationChannels, null))
                .budget(budget)
                .batch(batch)
                .microBatch(1)
                .unetRate(unetRate)
                .segmentationRate(segmentationRate)
                .build();
    }
}
