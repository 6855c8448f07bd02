package io.diffusionad.metrics;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All metrics of SPEC §9 over a test set. Thread-safe: pure functions. */
public final class Metrics {
    private Metrics() { }

    /**
     * Pixel metrics pool the pixels of all images. An anomalous image without a mask makes the pixel metrics absent; a test set with one kind only
     * makes those that need both absent. Nothing is rounded.
     */
    public static MetricSet evaluate(List<ScoredImage> images) {
        if (images.isEmpty()) {
            throw new IllegalArgumentException("no images to evaluate");
        }
        Map<String, String> absent = new LinkedHashMap<>();
        Ranking image = imageRanking(images);
        if (image.positives() == 0 || image.negatives() == 0) {
            String kind = image.positives() == 0 ? "anomalous" : "good";
            absent.put("imageAuroc", "the test set holds no " + kind + " image");
        }
        if (image.positives() == 0) {
            absent.put("imageAp", "the test set holds no anomalous image");
            absent.put("imageF1Max", "the test set holds no anomalous image");
        }
        double[] pixel = {Double.NaN, Double.NaN, Double.NaN, Double.NaN};
        String reason = noPixelMetrics(images);
        if (reason == null) {
            Ranking ranking = pixelRanking(images);
            pixel = new double[] {ranking.auroc(), ranking.averagePrecision(), ranking.f1Max(), PerRegionOverlap.of(images)};
            reason = "the masks mark " + (ranking.positives() == 0 ? "no" : "every") + " pixel as anomalous";
        }
        String[] names = {"pixelAuroc", "pixelAp", "pixelF1Max", "pro"};
        for (int i = 0; i < names.length; i++) {
            if (Double.isNaN(pixel[i])) {
                absent.put(names[i], reason);
            }
        }
        return new MetricSet(image.auroc(), image.averagePrecision(), image.f1Max(), pixel[0], pixel[1], pixel[2], pixel[3], absent);
    }

    /** Image scores against image labels. */
    public static Ranking imageRanking(List<ScoredImage> images) {
        float[] scores = new float[images.size()];
        boolean[] labels = new boolean[scores.length];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = (float) images.get(i).imageScore();
            labels[i] = images.get(i).anomalous();
        }
        return Ranking.of(scores, labels);
    }

    /** All pixels of all images; images without a mask count as normal throughout. */
    public static Ranking pixelRanking(List<ScoredImage> images) {
        int total = Math.toIntExact(images.stream().mapToLong(image -> image.scoreMap().length).sum());
        float[] scores = new float[total];
        boolean[] labels = new boolean[total];
        int at = 0;
        for (ScoredImage image : images) {
            System.arraycopy(image.scoreMap(), 0, scores, at, image.scoreMap().length);
            if (image.mask() != null) {
                System.arraycopy(image.mask(), 0, labels, at, image.mask().length);
            }
            at += image.scoreMap().length;
        }
        return Ranking.of(scores, labels);
    }

    private static String noPixelMetrics(List<ScoredImage> images) {
        long unmasked = images.stream().filter(image -> image.anomalous() && image.mask() == null).count();
        return unmasked == 0 ? null : unmasked + " anomalous test image(s) have no mask";
    }
}
