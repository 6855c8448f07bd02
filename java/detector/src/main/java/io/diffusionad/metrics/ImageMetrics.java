package io.diffusionad.metrics;

import java.util.List;

/** Metrics of whole images. */
final class ImageMetrics {
    private static final String NO_GOOD = "the test set holds no good image";
    private static final String NO_ANOMALOUS = "the test set holds no anomalous image";
    static final String NO_THRESHOLD = "the detector has no calibrated threshold";

    private ImageMetrics() {}

    /** @param threshold NaN for none */
    static void add(MetricSet.Builder set, List<ImageTruth> images, double threshold) {
        Ranking ranking = ranking(images);
        if (ranking.positives() == 0) {
            set.absent(Metric.IMAGE_AUROC, NO_ANOMALOUS)
                    .absent(Metric.IMAGE_AP, NO_ANOMALOUS)
                    .absent(Metric.IMAGE_F1_MAX, NO_ANOMALOUS)
                    .absent(Metric.IMAGE_F1, NO_ANOMALOUS);
            return;
        }
        set.value(Metric.IMAGE_AP, ranking.averagePrecision()).value(Metric.IMAGE_F1_MAX, ranking.f1Max());
        if (ranking.negatives() == 0) {
            set.absent(Metric.IMAGE_AUROC, NO_GOOD);
        } else {
            set.value(Metric.IMAGE_AUROC, ranking.auroc());
        }
        if (Double.isNaN(threshold)) {
            set.absent(Metric.IMAGE_F1, NO_THRESHOLD);
        } else {
            set.value(Metric.IMAGE_F1, f1(images, threshold));
        }
    }

    static Ranking ranking(List<ImageTruth> images) {
        float[] scores = new float[images.size()];
        boolean[] labels = new boolean[scores.length];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = (float) images.get(i).score();
            labels[i] = images.get(i).anomalous();
        }
        return Ranking.of(scores, labels);
    }

    private static double f1(List<ImageTruth> images, double threshold) {
        long anomalous = images.stream().filter(ImageTruth::anomalous).count();
        long called = images.stream().filter(image -> image.score() > threshold).count();
        long right = images.stream()
                .filter(image -> image.anomalous() && image.score() > threshold)
                .count();
        return 2.0 * right / (anomalous + called);
    }

    /** null without a threshold. */
    static Decisions decisions(List<ImageTruth> images, double threshold) {
        if (Double.isNaN(threshold)) {
            return null;
        }
        long good = images.stream().filter(image -> !image.anomalous()).count();
        return new Decisions(
                threshold,
                new Rate(
                        images.stream()
                                .filter(image -> !image.anomalous() && image.score() > threshold)
                                .count(),
                        good),
                new Rate(
                        images.stream()
                                .filter(image -> image.anomalous() && !(image.score() > threshold))
                                .count(),
                        images.size() - good));
    }
}
