package io.diffusionad.metrics;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** All metrics over images in memory; {@link MetricAccumulator} takes them one by one. Thread-safe: pure functions. */
public final class Metrics {
    private Metrics() {}

    /**
     * Pixel metrics pool the pixels of all images. An anomalous image without a mask makes the pixel metrics absent; a
     * test set with one kind only makes those that need both absent. Nothing is rounded.
     */
    public static MetricSet evaluate(List<ScoredImage> images) {
        try (MetricAccumulator accumulator = accumulator(images)) {
            return accumulator.withoutIntervals();
        }
    }

    private static MetricAccumulator accumulator(List<ScoredImage> images) {
        MetricAccumulator accumulator =
                new MetricAccumulator(temporaryFolder(), Double.NaN, Double.NaN, ScoreMapSource.of(images));
        for (int i = 0; i < images.size(); i++) {
            accumulator.add(
                    "number " + (i + 1), images.get(i).anomalous() ? "defect" : "good", images.get(i), List.of());
        }
        return accumulator;
    }

    /** Image scores against image labels. */
    public static Ranking imageRanking(List<ScoredImage> images) {
        return ImageMetrics.ranking(images.stream()
                .map(image -> new ImageTruth("", "", image.anomalous(), image.imageScore(), 0, 0, 0))
                .toList());
    }

    /** All pixels of all images, in memory; images without a mask count as normal throughout. */
    public static Ranking pixelRanking(List<ScoredImage> images) {
        int total = Math.toIntExact(
                images.stream().mapToLong(image -> image.scoreMap().length).sum());
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

    /** Images without a mask count as normal throughout. */
    static PixelCurve pixelCurve(List<ScoredImage> images) {
        try (SpillFile file = new SpillFile(temporaryFolder())) {
            AnomalousPixels pixels = new AnomalousPixels(file);
            images.stream().filter(image -> image.mask() != null).forEach(image -> pixels.add(image, List.of()));
            return PixelMetrics.curve(
                    ScoreMapSource.of(images), IntStream.range(0, images.size()).toArray(), List.of(pixels), null);
        }
    }

    private static Path temporaryFolder() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }
}
