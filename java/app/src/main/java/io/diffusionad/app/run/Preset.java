package io.diffusionad.app.run;

import io.diffusionad.settings.ModelSettings;

/**
 * Starting points for training. The networks of the smaller ones learn in minutes on a CPU, with larger learning rates; {@link #PAPER} is the
 * published configuration.
 */
public enum Preset {
    /** 64x64 pixels, a few minutes on two cores: to try things out. */
    TINY(64, 32, 16, 8, 5e-4, 1e-3, 600),
    /** 128x128 pixels, for CPUs with patience and small GPUs. */
    SMALL(128, 64, 32, 8, 2e-4, 3e-4, 4000),
    /** 256x256 pixels, the reference's networks and learning rates, 3000 epochs: for GPUs. */
    PAPER(256, 128, 64, 16, 1e-4, 1e-5, 0);

    private static final int PAPER_EPOCHS = 3000;

    private final int imageSize;
    private final int baseChannels;
    private final int segmentationChannels;
    private final int batch;
    private final double unetLearningRate;
    private final double segmentationLearningRate;
    private final long steps;

    Preset(int imageSize, int baseChannels, int segmentationChannels, int batch, double unetLearningRate, double segmentationLearningRate, long steps) {
        this.imageSize = imageSize;
        this.baseChannels = baseChannels;
        this.segmentationChannels = segmentationChannels;
        this.batch = batch;
        this.unetLearningRate = unetLearningRate;
        this.segmentationLearningRate = segmentationLearningRate;
        this.steps = steps;
    }

    /** Every setting that does not concern the data. */
    public TrainingSettings settings() {
        return TrainingSettings.builder()
                .model(ModelSettings.of(imageSize, baseChannels, segmentationChannels, null))
                .batch(batch)
                .microBatch(0)
                .memory(TrainingSettings.Memory.LEAN)
                .unetLearningRate(unetLearningRate)
                .segmentationLearningRate(segmentationLearningRate)
                .weightDecay(0)
                .budget(steps > 0 ? Budget.steps(steps) : Budget.epochs(PAPER_EPOCHS))
                .build();
    }
}
