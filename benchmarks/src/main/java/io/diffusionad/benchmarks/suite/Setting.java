package io.diffusionad.benchmarks.suite;

import io.diffusionad.checkpoint.DetectorModel;
import io.diffusionad.plan.PlanningDevice;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.settings.Precision;
import io.diffusionad.tensor.DType;

import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * What all parts share.
 *
 * @param device {@code cpu}, {@code cuda:0}
 * @param threads that everything computes with, peers too
 * @param precisions that are measured where nothing else decides; no AUTO, and INT8 by the parts operations and
 *     detection alone
 * @param root of the sources
 * @param work a folder for files on the way
 */
record Setting(BenchProfile profile, String device, int threads, List<Precision> precisions, Path root, Path work) {
    /** The types of activations among the precisions; int8 has none of its own. */
    List<DType> activationTypes() {
        return precisions.stream()
                .filter(precision -> precision != Precision.INT8)
                .map(precision -> precision == Precision.FLOAT32 ? DType.FLOAT32 : DType.BFLOAT16)
                .toList();
    }

    /** A stamp for a section that began at {@code startNanos} under {@code load}. */
    Results.Stamp stamp(long startNanos, double load) {
        return new Results.Stamp(
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                Machine.commit(root),
                profile.name(),
                device,
                threads,
                load,
                Math.round((System.nanoTime() - startNanos) * 1e-8) / 10.0);
    }

    /** Networks that nobody has at hand: counted, not built. */
    static Results.Model describe(ModelSettings settings) {
        try (DetectorModel counted = new DetectorModel(settings, new PlanningDevice(), false)) {
            return describe(settings, counted);
        }
    }

    static Results.Model describe(ModelSettings settings, DetectorModel model) {
        return new Results.Model(
                settings.imageSize(),
                settings.unet().baseChannels(),
                settings.segmentation().baseChannels(),
                model.parameterCount());
    }
}
