package io.diffusionad;

import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.settings.Precision;
import lombok.With;

/**
 * How a detector is loaded.
 *
 * @param device {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:INDEX}
 * @param threads CPU threads, 0 for one a physical core
 * @param providers CUDA libraries that may serve operations: {@code own} (none), {@code cublas}, {@code cudnn}, or
 *     {@code auto}: those that are installed
 * @param precision type of activations; INT8 needs a checkpoint that was calibrated for it and a CPU with AVX2
 * @param batch images computed at once by the batch methods, 1 to 1024; more memory, and on a GPU more speed
 * @param seed of the noise that images are looked at through; scores under other seeds differ a little, and the
 *     calibrated threshold belongs to the default
 * @param threshold image scores above it are defective; NaN takes the one that training calibrated
 * @param pixelThreshold pixels that score at least this much belong to the mask; NaN takes the one that training
 *     calibrated
 * @param falseAlarms rate of false alarms to place the threshold at, from the checkpoint's calibration scores; NaN
 *     leaves it where it is
 */
@With
public record DetectorOptions(
        String device,
        int threads,
        String providers,
        Precision precision,
        int batch,
        long seed,
        double threshold,
        double pixelThreshold,
        double falseAlarms) {
    public static final DetectorOptions DEFAULT = new DetectorOptions(
            "auto", 0, "own", Precision.AUTO, 1, DetectionPipeline.DEFAULT_SEED, Double.NaN, Double.NaN, Double.NaN);

    public DetectorOptions {
        if (batch < 1 || batch > 1024) {
            throw new InvalidInputException("a batch of " + batch + " images is impossible: choose 1 to 1024");
        }
        if (threads < 0) {
            throw new InvalidInputException(
                    threads + " threads are impossible: choose 0 for one a physical core, or more");
        }
    }

    DeviceOptions deviceOptions() {
        return new DeviceOptions(threads, providers);
    }
}
