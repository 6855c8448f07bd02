package io.diffusionad.metrics;

import org.apache.commons.math3.distribution.BetaDistribution;

import java.util.Arrays;

/**
 * Where "good" ends, learnt from the scores of good images alone, and what that promises. The threshold is the k-th
 * smallest of n scores, k = ⌈(n+1)(1−α)⌉: a fresh good image of the same kind scores above it with a probability of at
 * most (n+1−k)/(n+1) ≤ α (Vovk, Gammerman, Shafer: Algorithmic Learning in a Random World, 2005, §2.2). Where k would
 * exceed n, the largest score is taken, which promises 1/(n+1).
 *
 * @param value an image is anomalous when its score is <b>above</b> it
 * @param images n, at least 1
 * @param rank k, 1 to n
 * @param wishedRate α, the false alarm rate that was asked for
 */
public record DecisionThreshold(double value, int images, int rank, double wishedRate) {
    /** One good image in fifty. */
    public static final double DEFAULT_RATE = 0.02;
    /** Keeps 50·0.02 from becoming 0.9999. */
    private static final double ROUNDING = 1e-9;

    private static final double TAIL = 0.025;

    /**
     * @param goodScores scores of good images the detector was not trained on, at least one, finite
     * @param rate the share of good images that may be reported, above 0 and below 1
     */
    public static DecisionThreshold of(double[] goodScores, double rate) {
        double[] sorted = sorted(goodScores);
        if (!(rate > 0 && rate < 1)) {
            throw new IllegalArgumentException("a false alarm rate lies between 0 and 1, not at " + rate);
        }
        int n = sorted.length;
        int above = (int) Math.floor((n + 1) * rate + ROUNDING);
        int rank = Math.max(1, Math.min(n, n + 1 - above));
        return new DecisionThreshold(sorted[rank - 1], n, rank, rate);
    }

    /** The share of fresh good images above the threshold, at most, on average over calibrations. */
    public double promisedRate() {
        return (images + 1.0 - rank) / (images + 1);
    }

    /** Whether the promised rate is no larger than the wished one. */
    public boolean keepsWish() {
        return promisedRate() <= wishedRate + ROUNDING;
    }

    /** The fewest good images that can promise a rate. */
    public static int imagesFor(double rate) {
        return (int) Math.ceil(1 / rate - ROUNDING) - 1;
    }

    /**
     * Lower and upper end of the exact 95 % interval of the true rate of this one calibration, which follows the
     * Beta(n+1−k, k) distribution. Its upper end is that of Clopper and Pearson (1934) for n−k exceedances of n.
     */
    public double[] interval() {
        BetaDistribution rate = new BetaDistribution(images + 1.0 - rank, rank);
        return new double[] {rate.inverseCumulativeProbability(TAIL), rate.inverseCumulativeProbability(1 - TAIL)};
    }

    /**
     * The {@code quantile} of scores by linear interpolation between order statistics (as numpy's default).
     *
     * @param scores at least one, finite
     * @param quantile in [0, 1]; 1 gives the largest score
     */
    public static double calibrate(double[] scores, double quantile) {
        if (!(quantile >= 0 && quantile <= 1)) {
            throw new IllegalArgumentException("the quantile must lie in [0, 1], not " + quantile);
        }
        double[] sorted = sorted(scores);
        double position = quantile * (sorted.length - 1);
        int below = (int) Math.floor(position);
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }

    private static double[] sorted(double[] scores) {
        if (scores.length == 0) {
            throw new IllegalArgumentException("a decision threshold needs the score of at least one normal image");
        }
        double[] sorted = scores.clone();
        Arrays.sort(sorted);
        if (!Double.isFinite(sorted[0]) || !Double.isFinite(sorted[sorted.length - 1])) {
            throw new IllegalArgumentException("a normal image has a score that is no finite number");
        }
        return sorted;
    }
}
