package io.diffusionad.evaluate;

import io.diffusionad.metrics.Ranking;
import io.diffusionad.settings.Evidence;

import java.util.List;

/** Measures how well a model tells held-out good images from those with synthetic anomalies. */
public final class EvidenceCollector {
    private static final double NORMAL_QUANTILE = 1.959964;

    private EvidenceCollector() {}

    /**
     * @param heldOut scored held-out samples, with and without anomalies; possibly none
     * @param threshold image scores above it are defective
     */
    public static Evidence collect(int trainedImages, int heldOutImages, List<ScoredSample> heldOut, double threshold) {
        long positives = heldOut.stream().filter(ScoredSample::anomalous).count();
        long negatives = heldOut.size() - positives;
        if (positives == 0 || negatives == 0) {
            return new Evidence(trainedImages, heldOutImages, Double.NaN, Double.NaN, Double.NaN);
        }
        double auroc = auroc(heldOut);
        double found = (double) heldOut.stream()
                        .filter(sample -> sample.anomalous() && sample.score() > threshold)
                        .count()
                / positives;
        return new Evidence(
                trainedImages,
                heldOutImages,
                auroc,
                auroc - NORMAL_QUANTILE * standardError(auroc, positives, negatives),
                found);
    }

    private static double auroc(List<ScoredSample> samples) {
        float[] scores = new float[samples.size()];
        boolean[] anomalous = new boolean[scores.length];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = (float) samples.get(i).score();
            anomalous[i] = samples.get(i).anomalous();
        }
        return Ranking.of(scores, anomalous).auroc();
    }

    /** Hanley and McNeil 1982. */
    private static double standardError(double auroc, long positives, long negatives) {
        double q1 = auroc / (2 - auroc);
        double q2 = 2 * auroc * auroc / (1 + auroc);
        double square = auroc * auroc;
        return Math.sqrt((auroc * (1 - auroc) + (positives - 1) * (q1 - square) + (negatives - 1) * (q2 - square))
                / positives
                / negatives);
    }
}
