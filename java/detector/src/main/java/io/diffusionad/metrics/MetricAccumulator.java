package io.diffusionad.metrics;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Takes in a test set image by image and computes exact metrics over all of it. Score maps go to a temporary file, so
 * that memory does not grow with the number of pixels; they can be read back until this is closed. Adding and computing
 * is for one thread, {@link #scoreMap} for any.
 */
public final class MetricAccumulator implements AutoCloseable {
    private final double threshold;
    private final double pixelThreshold;
    private final SpillFile file;
    private final SpilledMaps spilled;
    private final SpilledMaps shown;
    private final Map<Integer, Integer> displays = new HashMap<>();
    private final ScoreMapSource source;
    private final List<ImageTruth> images = new ArrayList<>();
    private final Map<String, AnomalousPixels> anomalous = new LinkedHashMap<>();
    private float smallest = Float.POSITIVE_INFINITY;
    private float largest = Float.NEGATIVE_INFINITY;

    /**
     * @param temporaryFolder where the file goes; it needs four bytes and a bit a pixel
     * @param threshold images that score above it are called defective; NaN for none
     * @param pixelThreshold pixels that score at least this much are called defective; NaN for none
     */
    public MetricAccumulator(Path temporaryFolder, double threshold, double pixelThreshold) {
        this(temporaryFolder, threshold, pixelThreshold, null);
    }

    /**
     * @param inMemory where the maps of the added images are already, in the order they are added; null to keep them in
     *     the file
     */
    MetricAccumulator(Path temporaryFolder, double threshold, double pixelThreshold, ScoreMapSource inMemory) {
        this.threshold = threshold;
        this.pixelThreshold = pixelThreshold;
        this.file = new SpillFile(temporaryFolder);
        this.spilled = inMemory == null ? new SpilledMaps(file) : null;
        this.shown = new SpilledMaps(file);
        this.source = inMemory == null ? spilled : inMemory;
    }

    /**
     * Takes in an image; nothing of it is kept in memory.
     *
     * @param name what reasons call it
     * @param kind "good", or the defect's name
     * @param annotated its defects with saturation thresholds; empty where the data set has none
     * @throws io.diffusionad.error.InvalidInputException when the temporary file cannot grow
     */
    public void add(String name, String kind, ScoredImage image, List<SaturatedRegion> annotated) {
        add(name, kind, image, annotated, null);
    }

    /**
     * As above. @param display another map of the image, to be read back in the place of the one that is measured; null
     * for none
     */
    public void add(String name, String kind, ScoredImage image, List<SaturatedRegion> annotated, ScoredImage display) {
        ImageTruth truth = ImageTruth.of(name, kind, image, pixelThreshold);
        if (spilled != null) {
            spilled.add(image);
        }
        if (display != null) {
            displays.put(images.size(), shown.images());
            shown.add(display);
        }
        for (float score : image.scoreMap()) {
            smallest = Math.min(smallest, score);
            largest = Math.max(largest, score);
        }
        if (truth.marked() > 0) {
            anomalous.computeIfAbsent(kind, any -> new AnomalousPixels(file)).add(image, annotated);
        }
        images.add(truth);
    }

    /** Images taken in. */
    public int size() {
        return images.size();
    }

    /** The map of image {@code index} in the order of adding, or the one that was added for display: (H, W). */
    public float[] scoreMap(int index) {
        boolean display = displays.containsKey(index);
        ScoreMapSource maps = display ? shown : source;
        int number = display ? displays.get(index) : index;
        float[] map = new float[maps.pixels(number)];
        maps.forEachPiece(number, (scores, length, offset) -> System.arraycopy(scores, 0, map, offset, length));
        return map;
    }

    /** Metrics of everything taken in so far, with intervals, and by kind of defect. */
    public TestMetrics metrics() {
        requireImages();
        MetricSet.Builder all =
                set(IntStream.range(0, images.size()).toArray(), new ArrayList<>(anomalous.values()), true);
        Set<String> kinds = new LinkedHashSet<>();
        images.stream().filter(ImageTruth::anomalous).forEach(image -> kinds.add(image.kind()));
        MetricSet total = all.build();
        Map<String, KindMetrics> byKind = new LinkedHashMap<>();
        for (String kind : kinds) {
            List<ImageTruth> own = images.stream()
                    .filter(image -> image.anomalous() && image.kind().equals(kind))
                    .toList();
            Rate detected = Double.isNaN(threshold)
                    ? null
                    : new Rate(
                            own.stream()
                                    .filter(image -> image.score() > threshold)
                                    .count(),
                            own.size());
            byKind.put(kind, new KindMetrics(own.size(), detected, kinds.size() == 1 ? total : kind(kind)));
        }
        return new TestMetrics(total, byKind, ImageMetrics.decisions(images, threshold));
    }

    /** The metrics alone, without intervals and kinds. */
    MetricSet withoutIntervals() {
        requireImages();
        return set(IntStream.range(0, images.size()).toArray(), new ArrayList<>(anomalous.values()), false)
                .build();
    }

    private void requireImages() {
        if (images.isEmpty()) {
            throw new IllegalArgumentException("no images to evaluate");
        }
    }

    private MetricSet kind(String kind) {
        int[] chosen = IntStream.range(0, images.size())
                .filter(i -> !images.get(i).anomalous() || images.get(i).kind().equals(kind))
                .toArray();
        List<AnomalousPixels> parts = new ArrayList<>();
        for (Map.Entry<String, AnomalousPixels> part : anomalous.entrySet()) {
            if (part.getKey().equals(kind)) {
                parts.add(part.getValue());
            }
        }
        return set(chosen, parts, false).build();
    }

    private MetricSet.Builder set(int[] chosen, List<AnomalousPixels> parts, boolean whole) {
        List<ImageTruth> truths = IntStream.of(chosen).mapToObj(images::get).toList();
        MetricSet.Builder set = MetricSet.builder();
        ImageMetrics.add(set, truths, threshold);
        if (whole || chosen.length < images.size()) {
            ImageIntervals.add(set, truths);
        }
        String reason = whyNoPixels(truths);
        if (reason != null) {
            withhold(set, reason);
            return set;
        }
        CurveBins bins = whole ? CurveBins.of(chosen.length, parts, source, chosen) : null;
        ReferencePerRegionOverlap reference = new ReferencePerRegionOverlap(smallest, largest);
        PixelCurve curve = PixelMetrics.curve(source, chosen, parts, (score, normalAbove, normalAt, step) -> {
            reference.anomalous(score, step.pixels, step.overlap);
            if (bins != null) {
                bins.step(score, normalAbove, normalAt, step.pixels);
            }
        });
        if (!curve.isDefined()) {
            withhold(set, "the masks mark " + (parts.isEmpty() ? "no" : "every") + " pixel as anomalous");
            return set;
        }
        set.value(Metric.PIXEL_AUROC, curve.auroc())
                .value(Metric.PIXEL_AP, curve.averagePrecision())
                .value(Metric.PIXEL_F1_MAX, curve.f1Max())
                .value(Metric.AU_PRO_30, curve.auPro(PixelCurve.LIMIT_30))
                .value(Metric.AU_PRO_05, curve.auPro(PixelCurve.LIMIT_05));
        if (!Double.isNaN(curve.auSpro(PixelCurve.LIMIT_05))) {
            set.value(Metric.AU_SPRO_30, curve.auSpro(PixelCurve.LIMIT_30))
                    .value(Metric.AU_SPRO_05, curve.auSpro(PixelCurve.LIMIT_05));
        }
        if (chosen.length == images.size()) {
            reference.count(source, chosen);
            long pixels = IntStream.of(chosen).mapToLong(source::pixels).sum();
            set.value(
                    Metric.REFERENCE_PRO,
                    reference.area(
                            parts.stream().mapToLong(AnomalousPixels::regions).sum(),
                            pixels
                                    - parts.stream()
                                            .mapToLong(AnomalousPixels::pixels)
                                            .sum()));
        }
        if (Double.isNaN(pixelThreshold)) {
            set.absent(Metric.SEG_F1, ImageMetrics.NO_THRESHOLD);
        } else {
            set.value(
                    Metric.SEG_F1,
                    2.0
                            * sum(truths, ImageTruth::hits)
                            / (sum(truths, ImageTruth::found) + sum(truths, ImageTruth::marked)));
        }
        if (bins != null) {
            PixelIntervals.add(set, truths, source, chosen, bins, curve);
        }
        return set;
    }

    private static long sum(List<ImageTruth> truths, java.util.function.ToLongFunction<ImageTruth> count) {
        return truths.stream().mapToLong(count).sum();
    }

    private static void withhold(MetricSet.Builder set, String reason) {
        for (Metric metric : Metric.values()) {
            if (metric.ofPixels() && metric != Metric.AU_SPRO_30 && metric != Metric.AU_SPRO_05) {
                set.absent(metric, reason);
            }
        }
    }

    private static String whyNoPixels(List<ImageTruth> truths) {
        List<ImageTruth> unmasked =
                truths.stream().filter(image -> image.marked() < 0).toList();
        if (!unmasked.isEmpty()) {
            return unmasked.size() + " anomalous test image(s) have no mask, or one that marks nothing, such as "
                    + unmasked.get(0).name();
        }
        if (truths.stream().noneMatch(ImageTruth::anomalous)) {
            return "the test set holds no anomalous image";
        }
        return truths.stream().allMatch(image -> image.marked() == 0) ? "the masks mark no pixel as anomalous" : null;
    }

    @Override
    public void close() {
        file.close();
    }
}
