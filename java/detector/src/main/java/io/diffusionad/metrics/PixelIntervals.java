package io.diffusionad.metrics;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Bootstrap intervals of pixel metrics. Each image's pixels are counted in the pieces of a {@link CurveBins} once; a
 * replicate adds up the counts of the images drawn. Pieces shift a value by what they do to the whole test set's, which
 * is taken back.
 */
final class PixelIntervals {
    private static final int REPLICATES = 400;

    private final List<ImageTruth> truths;
    private final int pieces;
    private final int[][] normal;
    private final int[][] anomalous;
    private final double[][] overlap;
    private final int[] regions;

    private PixelIntervals(List<ImageTruth> truths, int pieces) {
        this.truths = truths;
        this.pieces = pieces;
        this.normal = new int[truths.size()][pieces];
        this.anomalous = new int[truths.size()][];
        this.overlap = new double[truths.size()][];
        this.regions = new int[truths.size()];
    }

    /** @param chosen the truths' numbers in the source */
    static void add(
            MetricSet.Builder set,
            List<ImageTruth> truths,
            ScoreMapSource source,
            int[] chosen,
            CurveBins bins,
            PixelCurve exact) {
        Bootstrap bootstrap = new Bootstrap(truths);
        if (!bootstrap.isPossible()) {
            return;
        }
        PixelIntervals counts = new PixelIntervals(truths, bins.size());
        IntStream.range(0, chosen.length).parallel().forEach(i -> counts.count(i, source, chosen[i], bins));
        int[] once = new int[chosen.length];
        Arrays.fill(once, 1);
        Map<Metric, Double> binned = counts.values(once);
        List<Map<Metric, Double>> replicates = IntStream.range(0, REPLICATES)
                .parallel()
                .mapToObj(number -> counts.values(bootstrap.draw(number)))
                .toList();
        Map<Metric, Double> exactly = valuesOf(exact);
        exactly.put(Metric.SEG_F1, binned.get(Metric.SEG_F1));
        binned.forEach((metric, value) -> {
            if (!Double.isNaN(exactly.get(metric)) && set.has(metric)) {
                set.interval(
                        metric,
                        Bootstrap.interval(
                                replicates.stream()
                                        .mapToDouble(replicate -> replicate.get(metric))
                                        .toArray(),
                                exactly.get(metric) - value));
            }
        });
    }

    private void count(int at, ScoreMapSource source, int image, CurveBins bins) {
        boolean[] mask = truths.get(at).marked() > 0 ? source.mask(image) : null;
        ConnectedRegions connected =
                mask == null ? null : ConnectedRegions.of(mask, source.width(image), source.height(image));
        if (connected != null) {
            regions[at] = connected.count();
            anomalous[at] = new int[pieces];
            overlap[at] = new double[pieces];
        }
        source.forEachPiece(image, (scores, length, offset) -> {
            for (int i = 0; i < length; i++) {
                int piece = bins.of(scores[i]);
                int region = connected == null ? -1 : connected.regionOf(offset + i);
                if (region < 0) {
                    normal[at][piece]++;
                } else {
                    anomalous[at][piece]++;
                    overlap[at][piece] += 1.0 / connected.area(region);
                }
            }
        });
    }

    private Map<Metric, Double> values(int[] drawn) {
        double[] wrong = new double[pieces];
        double[] found = new double[pieces];
        double[] overlaps = new double[pieces];
        double regionCount = 0;
        double hits = 0;
        double called = 0;
        double marked = 0;
        for (int i = 0; i < drawn.length; i++) {
            int times = drawn[i];
            for (int piece = 0; times > 0 && piece < pieces; piece++) {
                wrong[piece] += times * (double) normal[i][piece];
            }
            for (int piece = 0; times > 0 && anomalous[i] != null && piece < pieces; piece++) {
                found[piece] += times * (double) anomalous[i][piece];
                overlaps[piece] += times * overlap[i][piece];
            }
            regionCount += (double) times * regions[i];
            hits += (double) times * truths.get(i).hits();
            called += (double) times * truths.get(i).found();
            marked += (double) times * truths.get(i).marked();
        }
        PixelCurve curve =
                new PixelCurve(Arrays.stream(found).sum(), Arrays.stream(wrong).sum(), regionCount, 0);
        for (int piece = 0; piece < pieces; piece++) {
            curve.step(0, wrong[piece], found[piece], overlaps[piece], 0);
        }
        Map<Metric, Double> values = valuesOf(curve);
        values.put(Metric.SEG_F1, 2 * hits / (called + marked));
        return values;
    }

    private static Map<Metric, Double> valuesOf(PixelCurve curve) {
        Map<Metric, Double> values = new EnumMap<>(Metric.class);
        values.put(Metric.PIXEL_AUROC, curve.auroc());
        values.put(Metric.PIXEL_AP, curve.averagePrecision());
        values.put(Metric.PIXEL_F1_MAX, curve.f1Max());
        values.put(Metric.AU_PRO_30, curve.auPro(PixelCurve.LIMIT_30));
        values.put(Metric.AU_PRO_05, curve.auPro(PixelCurve.LIMIT_05));
        return values;
    }
}
