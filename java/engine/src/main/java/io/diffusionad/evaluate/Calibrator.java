package io.diffusionad.evaluate;

import io.diffusionad.metrics.DecisionThreshold;
import io.diffusionad.metrics.ScoredImage;
import io.diffusionad.settings.ModelCard.Calibration;
import java.util.List;

/**
 * Places the decision thresholds from normal images that were not trained on. Few such images are at hand as a rule, so their largest score alone would be
 * passed by the next good image with a probability of 1/(n+1): the threshold is at least three standard deviations above their mean.
 */
public final class Calibrator {
    private static final double DEVIATIONS = 3;
    /** Of the pixels of normal images, this share stays out of every mask. */
    private static final double PIXEL_QUANTILE = 0.9995;

    private Calibrator() { }

    /** @param scored images with and without anomalies; the latter count, {@link Calibration#NONE} when there is none */
    public static Calibration calibrate(List<ScoredImage> scored) {
        List<ScoredImage> normal = scored.stream().filter(image -> !image.anomalous()).toList();
        if (normal.isEmpty()) {
            return Calibration.NONE;
        }
        double[] scores = normal.stream().mapToDouble(ScoredImage::imageScore).toArray();
        double threshold = Math.max(DecisionThreshold.calibrate(scores, 1), meanPlusDeviations(scores));
        return new Calibration(threshold, DecisionThreshold.calibrate(pixels(normal), PIXEL_QUANTILE), normal.size());
    }

    private static double meanPlusDeviations(double[] scores) {
        double mean = 0;
        for (double score : scores) {
            mean += score / scores.length;
        }
        double variance = 0;
        for (double score : scores) {
            variance += (score - mean) * (score - mean) / Math.max(1, scores.length - 1);
        }
        return mean + DEVIATIONS * Math.sqrt(variance);
    }

    private static double[] pixels(List<ScoredImage> images) {
        double[] pixels = new double[images.stream().mapToInt(image -> image.scoreMap().length).sum()];
        int at = 0;
        for (ScoredImage image : images) {
            for (float score : image.scoreMap()) {
                pixels[at++] = score;
            }
        }
        return pixels;
    }
}
