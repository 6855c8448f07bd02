package io.diffusionad.app.demo;

import io.diffusionad.app.demodata.DemoDataGenerator.Counts;
import io.diffusionad.app.run.Budget;
import io.diffusionad.app.run.Preset;
import io.diffusionad.app.run.RunSettings;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.train.MemoryMode;

import java.util.Map;
import java.util.TreeMap;

/**
 * Everything that decides how long the demo takes and how good its detectors become, in one place. The demo must end
 * within five minutes on two cores that multiply bfloat16, and give the same numbers on every run on one machine:
 * steps, not minutes, bound its training.
 *
 * @param dataSeed of the pictures
 * @param counts pictures a category
 * @param training settings of each of the runs, without the data
 * @param steps of training by category: an even texture is learned sooner than a populated board
 * @param sheetsPerKind ten-panel sheets for this many test images of every kind
 */
public record DemoSettings(
        long dataSeed, Counts counts, RunSettings training, Map<String, Long> steps, int sheetsPerKind) {
    private static final long TRAINING_SEED = 42;

    public static final DemoSettings DEFAULT = new DemoSettings(
            7,
            Counts.DEFAULT,
            Preset.TINY.settings().toBuilder()
                    .microBatch(Preset.TINY.settings().batch())
                    .memory(MemoryMode.FAST)
                    .seed(TRAINING_SEED)
                    .build(),
            Map.of("fabric", 150L, "washer", 280L, "board", 290L),
            2);

    /** The settings of one category's run: a single evaluation at its end, where the learning rate has fallen to 0. */
    public RunSettings training(String category) {
        long own = steps.get(category);
        return training.toBuilder()
                .budget(Budget.steps(own))
                .evaluateEvery(own)
                .annealingSteps(Math.toIntExact(own))
                .build();
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
        return new DemoSettings(
                dataSeed, counts, training.toBuilder().model(model).build(), steps, sheetsPerKind);
    }
}
