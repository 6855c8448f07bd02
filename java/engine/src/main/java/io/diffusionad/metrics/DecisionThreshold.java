package io.diffusionad.metrics;

import java.util.Arrays;

/** Where "good" ends: a threshold learnt from the scores of normal images alone. */
public final class DecisionThreshold {
    private DecisionThreshold() { }

    /**
     * The {@code quantile} of the normal image scores by linear interpolation between order statistics (as numpy's default), so that about
     * {@code 1 - quantile} of good images would be reported. An image is anomalous when its score is <b>above</b> the threshold.
     *
     * @param normalScores scores of normal images the detector was not trained on, at least one, finite
     * @param quantile in [0, 1]; 1 gives the largest normal score
     */
    public static double calibrate(double[] normalScores, double quantile) {
        if (normalScores.length == 0) {
            throw new IllegalArgumentException("a decision threshold needs the score of at least one normal image");
        }
        if (!(quantile >= 0 && quantile <= 1)) {
            throw new IllegalArgumentException("the quantile must lie in [0, 1], not " + quantile);
        }
        double[] sorted = normalScores.clone();
        Arrays.sort(sorted);
        if (!Double.isFinite(sorted[0]) || !Double.isFinite(sorted[sorted.length - 1])) {
            throw new IllegalArgumentException("a normal image has a score that is no finite number");
        }
        double position = quantile * (sorted.length - 1);
        int below = (int) Math.floor(position);
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
