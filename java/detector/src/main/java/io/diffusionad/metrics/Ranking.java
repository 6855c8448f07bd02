package io.diffusionad.metrics;

import java.util.Arrays;

/**
 * Scores with their true labels, sorted once; every threshold-free metric of binary ranking is then one pass. Equal
 * scores count as one threshold, so results do not depend on the order of the input. Definitions are those of
 * scikit-learn.
 */
public final class Ranking {
    private final long positives;
    private final long negatives;
    /** Cumulative counts at each distinct score, from the largest score downwards. */
    private final long[] truePositives;

    private final long[] falsePositives;
    private final float[] thresholds;

    private Ranking(long positives, long negatives, long[] truePositives, long[] falsePositives, float[] thresholds) {
        this.positives = positives;
        this.negatives = negatives;
        this.truePositives = truePositives;
        this.falsePositives = falsePositives;
        this.thresholds = thresholds;
    }

    /**
     * Sorts {@code scores.length} samples; {@code positive[i]} says whether sample i is truly anomalous. Scores must
     * not be NaN.
     */
    public static Ranking of(float[] scores, boolean[] positive) {
        if (scores.length != positive.length) {
            throw new IllegalArgumentException(scores.length + " scores and " + positive.length + " labels");
        }
        long[] keys = new long[scores.length];
        for (int i = 0; i < keys.length; i++) {
            if (Float.isNaN(scores[i])) {
                throw new IllegalArgumentException("score " + i + " is not a number");
            }
            keys[i] = ((long) Integer.MAX_VALUE - ScoreKey.of(scores[i])) << 1 | (positive[i] ? 1 : 0);
        }
        Arrays.parallelSort(keys);
        int distinct = 0;
        for (int i = 0; i < keys.length; i++) {
            if (i == keys.length - 1 || keys[i] >>> 1 != keys[i + 1] >>> 1) {
                distinct++;
            }
        }
        long[] truePositives = new long[distinct];
        long[] falsePositives = new long[distinct];
        float[] thresholds = new float[distinct];
        long hits = 0;
        for (int i = 0, d = 0; i < keys.length; i++) {
            hits += keys[i] & 1;
            if (i == keys.length - 1 || keys[i] >>> 1 != keys[i + 1] >>> 1) {
                truePositives[d] = hits;
                falsePositives[d] = i + 1 - hits;
                thresholds[d++] = ScoreKey.score((int) (Integer.MAX_VALUE - (keys[i] >>> 1)));
            }
        }
        return new Ranking(hits, keys.length - hits, truePositives, falsePositives, thresholds);
    }

    public long positives() {
        return positives;
    }

    public long negatives() {
        return negatives;
    }

    /** Area under the ROC curve = P(positive scores above negative) + ½ P(equal); NaN unless both kinds are present. */
    public double auroc() {
        if (positives == 0 || negatives == 0) {
            return Double.NaN;
        }
        double area = 0;
        long tp = 0;
        long fp = 0;
        for (int i = 0; i < truePositives.length; i++) {
            area += (falsePositives[i] - fp) * 0.5 * (truePositives[i] + tp);
            tp = truePositives[i];
            fp = falsePositives[i];
        }
        return area / ((double) positives * negatives);
    }

    /** Average precision: Σ (recall step) · precision, without interpolation; NaN without positives. */
    public double averagePrecision() {
        if (positives == 0) {
            return Double.NaN;
        }
        double sum = 0;
        long tp = 0;
        for (int i = 0; i < truePositives.length; i++) {
            sum += (truePositives[i] - tp) * (truePositives[i] / (double) (truePositives[i] + falsePositives[i]));
            tp = truePositives[i];
        }
        return sum / positives;
    }

    /** The largest F1 = 2PR/(P+R) over all thresholds; NaN without positives. */
    public double f1Max() {
        return positives == 0 ? Double.NaN : f1(bestF1());
    }

    /**
     * The score at which F1 is largest (the highest such score): samples with this score or more count as anomalous;
     * NaN without positives.
     */
    public double f1MaxThreshold() {
        return positives == 0 ? Double.NaN : thresholds[bestF1()];
    }

    private int bestF1() {
        int best = 0;
        for (int i = 1; i < truePositives.length; i++) {
            if (f1(i) > f1(best)) {
                best = i;
            }
        }
        return best;
    }

    private double f1(int i) {
        return 2.0 * truePositives[i] / (truePositives[i] + falsePositives[i] + positives);
    }
}
