package io.diffusionad.detect;

/**
 * How the score of one image came about. Sizes are the model's; reconstructions lie in [-1, 1].
 *
 * @param scoreMap (H, W) in [0, 1]
 * @param xtSmall x_s (H, W, 3): the image noised at the small scale
 * @param xtBig x_b (H, W, 3): the image noised at the big scale
 * @param xtRenoised x̃_s (H, W, 3): the erased image noised again with the predicted small-scale noise
 * @param x0Small (H, W, 3): reconstruction from the small scale alone
 * @param x0Big (H, W, 3): reconstruction from the big scale alone
 * @param x0Guided (H, W, 3): the norm-guided reconstruction that the segmentation network saw
 */
public record Panels(
        float[] scoreMap,
        float[] xtSmall,
        float[] xtBig,
        float[] xtRenoised,
        float[] x0Small,
        float[] x0Big,
        float[] x0Guided) {}
