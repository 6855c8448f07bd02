package io.diffusionad.data;

import io.diffusionad.image.Placement;
import io.diffusionad.metrics.ScoredImage;

/**
 * What the trainer sees of one sample (SPEC §4).
 *
 * @param width of image and mask, pixels
 * @param height of image and mask, pixels
 * @param image (H, W, 3) in [0, 1], with the synthetic anomaly painted in
 * @param mask (H, W) in [0, 1], 1 where the anomaly is; all 0 for a normal sample
 * @param anomalous whether the mask has any non-zero pixel
 * @param placement where the picture lies in the square; null where it fills it
 */
public record TrainingSample(
        int width, int height, float[] image, float[] mask, boolean anomalous, Placement placement) {
    private static final float ANOMALOUS = 0.5f;

    /** A sample that its picture fills. */
    public TrainingSample(int width, int height, float[] image, float[] mask, boolean anomalous) {
        this(width, height, image, mask, anomalous, null);
    }

    /** What the model's map, (H, W), says of the picture: bars beside it do not count. */
    public ScoredImage scored(float[] map) {
        boolean[] truth = new boolean[mask.length];
        for (int i = 0; i < truth.length; i++) {
            truth[i] = mask[i] >= ANOMALOUS;
        }
        return placement == null
                ? ScoredImage.of(width, height, anomalous, map, truth)
                : ScoredImage.of(
                        placement.insideWidth(),
                        placement.insideHeight(),
                        anomalous,
                        placement.inside(map),
                        placement.inside(truth));
    }
}
