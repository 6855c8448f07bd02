package io.diffusionad;

import io.diffusionad.image.HeatMap;
import io.diffusionad.image.Placement;
import io.diffusionad.image.RgbImage;
import io.diffusionad.metrics.ImageScore;

import java.util.Optional;

/**
 * What a detector found in one image. Immutable and thread-safe; pictures are drawn when asked for, not during
 * detection. Arrays are shared, by convention not changed.
 */
public final class Detection {
    private final RgbImage original;
    private final Placement placement;
    private final float[] scoreMap; // (size, size)
    private final double score;
    private final Criteria criteria;
    private final String invalidReason;

    /** The three answers. */
    public enum Verdict {
        /** The score does not exceed the threshold. */
        OK,
        /** The score exceeds the threshold. */
        DEFECTIVE,
        /**
         * The frame is no picture of the part (a covered lens, no light, lost focus): its score says nothing about a
         * part.
         */
        INVALID
    }

    /** @param invalidReason why the frame is no picture of the part, or null */
    Detection(RgbImage original, Placement placement, float[] scoreMap, Criteria criteria, String invalidReason) {
        this.original = original;
        this.placement = placement;
        this.scoreMap = scoreMap;
        this.score = ImageScore.of(placement.inside(scoreMap));
        this.criteria = criteria;
        this.invalidReason = invalidReason;
    }

    /** How anomalous the image is, 0…1: the mean of the 50 largest pixels of the score map (SPEC §9). */
    public double score() {
        return score;
    }

    /** The score above which an image counts as defective; NaN when neither the checkpoint nor the options have one. */
    public double threshold() {
        return criteria.threshold();
    }

    /**
     * Good, defective, or no picture of the part at all.
     *
     * @throws UndecidedException when the frame is valid and neither the checkpoint nor the options have a threshold
     */
    public Verdict verdict() {
        if (invalidReason != null) {
            return Verdict.INVALID;
        }
        if (Double.isNaN(threshold())) {
            throw new UndecidedException(
                    "the checkpoint has no calibrated threshold: set one with DetectorOptions.withThreshold, or let training end");
        }
        return score > threshold() ? Verdict.DEFECTIVE : Verdict.OK;
    }

    /** Why the frame is no picture of the part; empty when it is valid. */
    public Optional<String> invalidReason() {
        return Optional.ofNullable(invalidReason);
    }

    /**
     * Whether the part must not pass: true for {@link Verdict#DEFECTIVE}, and for {@link Verdict#INVALID}, so that a
     * blind camera passes nothing. {@link #verdict} tells the two apart.
     *
     * @throws UndecidedException as {@link #verdict} does
     */
    public boolean isDefective() {
        return verdict() != Verdict.OK;
    }

    /**
     * Share of the good calibration images that score no higher, 0 to 100; NaN when the checkpoint holds no calibration
     * scores.
     */
    public double percentile() {
        return criteria.calibration().percentile(score);
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

    /**
     * (S, S) row by row, S = {@link #mapSize()}: the probability 0…1 of every pixel of the resized image to be
     * anomalous.
     */
    public float[] scoreMap() {
        return scoreMap;
    }

    /**
     * (H, W) of the image that was given: the score map enlarged bilinearly, 0 where the model does not look at the
     * picture.
     */
    public float[] scoreMapAtOriginalSize() {
        return placement.toPicture(scoreMap);
    }

    /**
     * (H, W) of the image that was given: true where the score reaches the pixel threshold.
     *
     * @throws UndecidedException when there is no pixel threshold
     */
    public boolean[] mask() {
        double pixelThreshold = requirePixelThreshold("mask");
        float[] map = scoreMapAtOriginalSize();
        boolean[] mask = new boolean[map.length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = map[i] >= pixelThreshold;
        }
        return mask;
    }

    /**
     * The image that was given, in grey, under the scores in colours relative to the pixel threshold
     * ({@link HeatMap#relative}): a good part is blue, what is yellow to red belongs to the mask.
     *
     * @throws UndecidedException when there is no pixel threshold
     */
    public RgbImage heatMap() {
        double pixelThreshold = requirePixelThreshold("heat map");
        return HeatMap.overGrey(
                original, HeatMap.relative(scoreMapAtOriginalSize(), width(), height(), pixelThreshold));
    }

    private double requirePixelThreshold(String what) {
        if (Double.isNaN(criteria.pixelThreshold())) {
            throw new UndecidedException("without a pixel threshold there is no " + what
                    + ": the checkpoint was never calibrated; let training end, or set"
                    + " one with DetectorOptions.withPixelThreshold");
        }
        return criteria.pixelThreshold();
    }
}
