package io.diffusionad.app.demo;

import io.diffusionad.app.demodata.DemoDataGenerator.Counts;
import io.diffusionad.app.run.Budget;
import io.diffusionad.app.run.Preset;
import io.diffusionad.app.run.RunSettings;
import io.diffusionad.nn.SegmentationConfig;
import io.diffusionad.nn.UNetConfig;
import io.diffusionad.settings.DiffusionSettings;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.settings.Precision;
import io.diffusionad.train.MemoryMode;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything that decides how long the demo takes and how good its detectors become, in one place. The demo must end within five minutes on two cores
 * and give the same numbers on every run on one machine: steps, not minutes, bound its training.
 *
 * @param dataSeed of the pictures
 * @param counts pictures a category
 * @param training settings of each of the runs, without the data
 * @param steps of training by category: an even texture is learned sooner than a populated board
 * @param sheetsPerKind ten-panel sheets for this many test images of every kind
 */
public record DemoSettings(long dataSeed, Counts counts, RunSettings training, Map<String, Long> steps, int sheetsPerKind) {
    private static final int IMAGE_SIZE = 64;
    private static final int CHANNELS = 32;
    private static final int SEGMENTATION_CHANNELS = 16;
    private static final int BATCH = 8;
    private static final double UNET_RATE = 1e-3;
    private static final double SEGMENTATION_RATE = 3e-3;
    private static final long TRAINING_SEED = 42;

    /**
     * The noise scales of the published network, made for 256 pixels, would drown a picture of 64: with 16 times fewer pixels to average over, the same
     * detail is lost at a much smaller noise.
     */
    private static final DiffusionSettings NOISE = new DiffusionSettings(1000, DiffusionSettings.Schedule.LINEAR, 60, 200, 1);
    private static final int TIMESTEP_SPLIT = 200;

    public static final DemoSettings DEFAULT = new DemoSettings(7, Counts.DEFAULT, Preset.TINY.settings().toBuilder()
            .model(new ModelSettings(new UNetConfig(IMAGE_SIZE, 3, CHANNELS, List.of(1.0, 1.0, 2.0, 2.0), List.of(8), 1, 4, -1, true, 0),
                    SegmentationConfig.of(SEGMENTATION_CHANNELS), NOISE))
            .timestepSplit(TIMESTEP_SPLIT)
            .batch(BATCH)
            .microBatch(BATCH)
            .memory(MemoryMode.FAST)
            .unetRate(UNET_RATE)
            .segmentationRate(SEGMENTATION_RATE)
            .precision(Precision.AUTO)
            .seed(TRAINING_SEED)
            .build(), Map.of("fabric", 150L, "washer", 280L, "board", 290L), 2);

    /** The settings of one category's run: a single evaluation at its end, where the learning rate has fallen to 0. */
    public RunSettings training(String category) {
        long own = steps.get(category);
        return training.toBuilder().budget(Budget.steps(own)).evaluateEvery(own).annealingSteps(Math.toIntExact(own)).build();
    }

    public DemoSettings withSteps(long count) {
        Map<String, Long> same = new TreeMap<>(steps);
        same.replaceAll((category, before) -> count);
        return new DemoSettings(dataSeed, counts, training, same, sheetsPerKind);
    }

    public DemoSettings withCounts(Counts pictures) {
        return new DemoSettings(dataSeed, pictures, training, steps, sheetsPerKind);
    }

    public DemoSettings withModel(ModelSettings model) {
        return new DemoSettings(dataSeed, counts, training.toBuilder().model(model).build(), steps, sheetsPerKind);
    }
}
