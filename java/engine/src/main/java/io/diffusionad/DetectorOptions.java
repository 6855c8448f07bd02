package io.diffusionad;

import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.settings.Precision;

/**
 * How a detector is loaded.
 *
 * @param device {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:INDEX}
 * @param threads CPU threads, 0 for one a physical core
 * @param providers CUDA libraries that may serve operations: {@code own} (none), {@code cublas}, {@code cudnn}, or {@code auto}: those that are installed
 * @param precision type of activations; INT8 needs a checkpoint that was calibrated for it and a CPU with AVX2
 * @param batch images computed at once by the batch methods, 1 to 1024; more memory, and on a GPU more speed
 * @param seed of the noise that images are looked at through; scores under other seeds differ a little, and the calibrated threshold belongs to the
 *     default
 * @param threshold image scores above it are defective; NaN takes the one that training calibrated
 */
public record DetectorOptions(String device, int threads, String providers, Precision precision, int batch, long seed, double threshold) {
    public static final DetectorOptions DEFAULT = new DetectorOptions("auto", 0, "own", Precision.AUTO, 1, DetectionPipeline.DEFAULT_SEED, Double.NaN);

    public DetectorOptions {
        if (batch < 1 || batch > 1024) {
            throw new InvalidInputException("a batch of " + batch + " images is impossible: choose 1 to 1024");
        }
        if (threads < 0) {
            throw new InvalidInputException(threads + " threads are impossible: choose 0 for one a physical core, or more");
        }
    }

    public DetectorOptions withDevice(String name) {
        return new DetectorOptions(name, threads, providers, precision, batch, seed, threshold);
    }

    public DetectorOptions withThreads(int count) {
        return new DetectorOptions(device, count, providers, precision, batch, seed, threshold);
    }

    public DetectorOptions withProviders(String names) {
        return new DetectorOptions(device, threads, names, precision, batch, seed, threshold);
    }

    public DetectorOptions withPrecision(Precision type) {
        return new DetectorOptions(device, threads, providers, type, batch, seed, threshold);
    }

    public DetectorOptions withBatch(int images) {
        return new DetectorOptions(device, threads, providers, precision, images, seed, threshold);
    }

    public DetectorOptions withSeed(long number) {
        return new DetectorOptions(device, threads, providers, precision, batch, number, threshold);
    }

    public DetectorOptions withThreshold(double score) {
        return new DetectorOptions(device, threads, providers, precision, batch, seed, score);
    }

    DeviceOptions deviceOptions() {
        return new DeviceOptions(threads, providers);
    }
}
