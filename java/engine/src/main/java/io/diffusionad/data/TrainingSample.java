package io.diffusionad.data;

import io.diffusionad.image.RgbImage;

/**
 * What the trainer sees of one sample (SPEC §4).
 *
 * @param width of image and mask, pixels
 * @param height of image and mask, pixels
 * @param image (H, W, 3) in [0, 1], with the synthetic anomaly painted in
 * @param mask (H, W) in [0, 1], 1 where the anomaly is; all 0 for a normal sample
 * @param anomalous whether the mask has any non-zero pixel
 */
public record TrainingSample(int width, int height, float[] image, float[] mask, boolean anomalous) {
    /** A good image as it is. */
    public static TrainingSample good(RgbImage image) {
        return new TrainingSample(image.width(), image.height(), image.toFloats(), new float[image.width() * image.height()], false);
    }
}
