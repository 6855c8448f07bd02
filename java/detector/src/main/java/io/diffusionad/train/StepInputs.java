package io.diffusionad.train;

import io.diffusionad.tensor.Tensor;

/**
 * Everything that a training step of N samples depends on besides the parameters.
 *
 * @param images (N, H, W, 3) float32 in [0, 1], synthetic anomalies painted in
 * @param masks (N, H, W, 1) float32 in [0, 1]
 * @param anomalous N labels
 * @param tSmall N timesteps of the small scale
 * @param tBig N timesteps of the big scale
 * @param noise (2N, H, W, 3) float32 standard normal: the small scale's, then the big scale's
 */
public record StepInputs(Tensor images, Tensor masks, boolean[] anomalous, long[] tSmall, long[] tBig, Tensor noise) {
    int samples() {
        return images.dim(0);
    }
}
