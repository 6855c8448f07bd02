package io.diffusionad.benchmarks.peer;

import io.diffusionad.io.HostTensor;
import io.diffusionad.io.SafeTensorsReader;
import io.diffusionad.io.SafeTensorsWriter;
import io.diffusionad.tensor.Layouts;
import io.diffusionad.verify.GoldenWeights;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What every contestant computes with, as a file; images and noises in the reference's order (N, 3, H, W), masks (N, 1,
 * H, W).
 *
 * @param images in [0, 1)
 * @param masks 0 or 1, half of every anomalous image
 * @param noiseSmall of unit variance
 * @param noiseBig of unit variance
 */
public record PeerInputs(int n, int size, float[] images, float[] masks, float[] noiseSmall, float[] noiseBig) {
    /** Timesteps of the training step; those of inference come from the checkpoint. */
    static final int TRAINING_SMALL_TIMESTEP = 150;

    static final int TRAINING_BIG_TIMESTEP = 600;
    private static final int CHANNELS = 3;
    /** Numbers past those of all parameters. */
    private static final int FIRST_NUMBER = 9000;

    /** Inputs by formula. */
    public static PeerInputs byFormula(int n, int size) {
        int pixels = size * size;
        float[] images = uniform(0, n * CHANNELS * pixels, 0.5, 0.5);
        float[] masks = new float[n * pixels];
        for (int i = 0; i < masks.length; i++) {
            masks[i] = anomalous(i / pixels) && i % pixels < pixels / 2 ? 1 : 0;
        }
        double unitVariance = Math.sqrt(3);
        return new PeerInputs(
                n,
                size,
                images,
                masks,
                uniform(1, images.length, 0, unitVariance),
                uniform(2, images.length, 0, unitVariance));
    }

    /** Every second sample of a training batch carries an anomaly. */
    static boolean anomalous(int sample) {
        return sample % 2 == 1;
    }

    public void write(Path file) throws IOException {
        int[] imageShape = {n, CHANNELS, size, size};
        new SafeTensorsWriter()
                .tensor("images", HostTensor.ofFloats(imageShape, images))
                .tensor("masks", HostTensor.ofFloats(new int[] {n, 1, size, size}, masks))
                .tensor("noise_small", HostTensor.ofFloats(imageShape, noiseSmall))
                .tensor("noise_big", HostTensor.ofFloats(imageShape, noiseBig))
                .write(file);
    }

    static PeerInputs read(Path file) throws IOException {
        try (SafeTensorsReader reader = SafeTensorsReader.open(file)) {
            int[] shape = reader.shape("images");
            return new PeerInputs(
                    shape[0],
                    shape[2],
                    reader.tensor("images").toFloats(),
                    reader.tensor("masks").toFloats(),
                    reader.tensor("noise_small").toFloats(),
                    reader.tensor("noise_big").toFloats());
        }
    }

    /** (N, 3, H, W) to (N, H, W, 3). */
    float[] toNhwc(float[] nchw) {
        return Layouts.toNhwc(nchw, n, CHANNELS, size, size);
    }

    /** (N, H, W, 3) to (N, 3, H, W). */
    float[] toNchw(float[] nhwc) {
        return Layouts.toNchw(nhwc, n, CHANNELS, size, size);
    }

    private static float[] uniform(int number, int count, double offset, double scale) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (offset + scale * GoldenWeights.uniform(FIRST_NUMBER + number, i));
        }
        return values;
    }
}
