package io.diffusionad.benchmarks.suite;

import io.diffusionad.benchmarks.TrainStepBenchmark;
import io.diffusionad.tensor.DType;
import io.diffusionad.train.MemoryMode;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Optimisation steps in both precisions and both memory modes, by JMH. */
final class TrainingPart implements Part {
    /** Start, warm-up and at least one step. */
    private static final double SECONDS_A_ROW = 12;

    private final Setting setting;

    TrainingPart(Setting setting) {
        this.setting = setting;
    }

    @Override
    public double plannedSeconds() {
        return setting.activationTypes().size() * MemoryMode.values().length * SECONDS_A_ROW;
    }

    @Override
    public Results measure(Results results, Meter meter) {
        long start = System.nanoTime();
        double load = Machine.load();
        BenchProfile profile = setting.profile();
        BenchProfile.Network network = profile.trainingNetwork();
        Results.Model model = Setting.describe(network.settings());
        List<Results.TrainingStep> rows = new ArrayList<>();
        for (DType precision : setting.activationTypes()) {
            for (MemoryMode memory : MemoryMode.values()) {
                meter.at("training step, " + precision + ", " + memory);
                int microBatch = memory == MemoryMode.LEAN ? 1 : profile.trainingBatch();
                JmhRun.Times times = JmhRun.measure(
                        TrainStepBenchmark.class,
                        Map.of(
                                "imageSize",
                                network.imageSize(),
                                "baseChannels",
                                network.baseChannels(),
                                "segmentationChannels",
                                network.segmentationChannels(),
                                "batch",
                                profile.trainingBatch(),
                                "microBatch",
                                microBatch,
                                "memory",
                                memory,
                                "precision",
                                precision,
                                "device",
                                setting.device(),
                                "threads",
                                setting.threads()),
                        profile.latencySeconds(),
                        setting.work().resolve("jmh.log"));
                rows.add(new Results.TrainingStep(
                        model,
                        precision.name(),
                        memory.name(),
                        profile.trainingBatch(),
                        microBatch,
                        times.mean(),
                        1e3 * profile.trainingBatch() / times.mean()));
                meter.done(SECONDS_A_ROW);
            }
        }
        return results.with(new Results.Training(setting.stamp(start, load), rows));
    }
}
