package io.diffusionad;

import io.diffusionad.image.GaussianBlur;
import io.diffusionad.image.HeatMap;
import io.diffusionad.image.Placement;
import io.diffusionad.image.RgbImage;

/**
 * What a detector found in one image. Immutable and thread-safe; pictures are drawn when asked for, not during detection. Arrays are shared, by
 * convention not changed.
 */
public final class Detection {
    private final RgbImage original;
    private final Placement placement;
    private final float[] scoreMap; // (size, size)
    private final double score;
    private final double threshold;
    private final double pixelThreshold;

    Detection(RgbImage original, Placement placement, float[] scoreMap, double score, double threshold, double pixelThreshold) {
        this.original = original;
        this.placement = placement;
        this.scoreMap = scoreMap;
        this.score = score;
        this.threshold = threshold;
        this.pixelThreshold = pixelThreshold;
    }

    /** How anomalous the image is, 0…1: the mean of the 50 largest pixels of the score map (SPEC §9). */
    public double score() {
        return score;
    }

    /** The score above which an image counts as defective; NaN when neither the checkpoint nor the options have one. */
    public double threshold() {
        return threshold;
    }

    /** @throws IllegalStateException when there is no threshold */
    public boolean isDefective() {
        if (Double.isNaN(threshold)) {
            throw new IllegalStateException("the checkpoint has no calibrated threshold: set one with DetectorOptions.withThreshold");
        }
        return score > threshold;
    }

    /** Width of the image that was given, in pixels. */
    public int width() {
        return original.width();
    }

    /** Height of the image that was given, in pixels. */
    public int height() {
        return original.height();
    }

    /** The image that was given. */
    public RgbImage image() {
        return original;
    }

    /** Side of {@link #scoreMap()}, in pixels. */
    public int mapSize() {
        return placement.size();
    }

    /** (S, S) row by row, S = {@link #mapSize()}: the probability 0…1 of every pixel of the resized image to be anomalous. */
    public float[] scoreMap() {
        return scoreMap;
    }

    /** (H, W) of the image that was given: the score map enlarged bilinearly, 0 where the model does not look at the picture. */
    public float[] scoreMapAtOriginalSize() {
        return placement.toPicture(scoreMap);
    }

    /** (H, W) of the image that was given: true where the score reaches the pixel threshold. */
    public boolean[] mask() {
        float[] map = scoreMapAtOriginalSize();
        boolean[] mask = new boolean[map.length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = map[i] >= pixelThreshold;
        }
        return mask;
    }

    /** The image that was given with the score map over it in colours, as the reference draws it: smoothed, and stretched from its minimum to its maximum. */
    public RgbImage heatMap() {
        int size = placement.size();
        float[] stretched = HeatMap.minMax(GaussianBlur.blur(scoreMap, size, size, HeatMap.SIGMA));
        return HeatMap.overlay(original, HeatMap.colour(placement.toPicture(stretched), width(), height()));
    }
}
