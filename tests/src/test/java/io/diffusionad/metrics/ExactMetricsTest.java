package io.diffusionad.metrics;

import io.diffusionad.error.InvalidInputException;
import org.apache.commons.math3.random.MersenneTwister;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Exact metrics against their definitions, against values of scikit-learn 1.x and of the algorithm that MVTec AD's
 * publisher integrates PRO by.
 */
class ExactMetricsTest {
    @TempDir
    Path temporary;

    private static ScoredImage image(int width, int height, float[] scores, boolean[] mask) {
        boolean anomalous = false;
        for (boolean pixel : mask) {
            anomalous |= pixel;
        }
        return ScoredImage.of(width, height, anomalous, scores, mask);
    }

    private static boolean[] first(int marked, int of) {
        boolean[] mask = new boolean[of];
        Arrays.fill(mask, 0, marked, true);
        return mask;
    }

    private static float[] filled(int size, float value) {
        float[] scores = new float[size];
        Arrays.fill(scores, value);
        return scores;
    }

    @Test
    void aFaintRegionAboveTheBackgroundIsFound() {
        List<ScoredImage> images = new ArrayList<>();
        for (float score : new float[] {1f, 5e-4f}) {
            float[] scores = filled(100, 1e-6f);
            Arrays.fill(scores, 0, 10, score);
            images.add(image(10, 10, scores, first(10, 100)));
        }
        images.add(image(10, 10, filled(100, 1e-6f), new boolean[100]));
        MetricSet metrics = Metrics.evaluate(images);
        assertEquals(1, metrics.get(Metric.AU_PRO_30), 1e-12);
        assertEquals(1, metrics.get(Metric.AU_PRO_05), 1e-12);
        assertEquals(1, metrics.pixelAuroc(), 1e-12);
        assertEquals(0.5, metrics.referencePro(), 1e-12, "the reference's thousand thresholds cannot see it");
        assertEquals(1, PerRegionOverlap.of(images), 1e-12);
        assertEquals(1, PerRegionOverlap.upToFivePerCent(images), 1e-12);
    }

    /**
     * Half of the region at no false positive; a tenth of the background next; then everything, by a straight line from
     * (0.1, 0.5) to (1, 1).
     */
    @Test
    void theCurveIsInterpolatedAtItsLimit() {
        float[] scores = new float[100];
        Arrays.fill(scores, 0, 5, 1f);
        Arrays.fill(scores, 10, 19, 0.5f);
        List<ScoredImage> images = List.of(image(10, 10, scores, first(10, 100)));
        double at30 = 0.5 + 0.5 * (0.2 / 0.9);
        assertEquals((0.1 * 0.5 + 0.2 * (0.5 + at30) / 2) / 0.3, PerRegionOverlap.of(images), 1e-12);
        assertEquals(0.5, PerRegionOverlap.upToFivePerCent(images), 1e-12);
    }

    /**
     * Uniform noise from NumPy's generator (seed 1338) against a corner: the toy data of the publisher's code, twenty
     * images of it.
     */
    @Test
    void equalsThePublishersCodeOnItsToyData() {
        MersenneTwister generator = new MersenneTwister(1338);
        List<ScoredImage> images = new ArrayList<>();
        for (int n = 0; n < 20; n++) {
            float[] scores = new float[900];
            boolean[] mask = new boolean[900];
            for (int i = 0; i < 900; i++) {
                long high = generator.nextInt() >>> 5;
                long low = generator.nextInt() >>> 6;
                scores[i] = (float) ((high * 67108864.0 + low) / 9007199254740992.0);
                mask[i] = i / 30 < 10 && i % 30 < 10;
            }
            images.add(image(30, 30, scores, mask));
        }
        assertEquals(0.6083088f, images.get(0).scoreMap()[0], 1e-7);
        MetricSet metrics = Metrics.evaluate(images);
        assertEquals(0.1504595312499987, metrics.get(Metric.AU_PRO_30), 1e-9);
        assertEquals(0.02834187500000002, metrics.get(Metric.AU_PRO_05), 1e-9);
        assertEquals(0.498668078125, metrics.pixelAuroc(), 1e-9);
        assertEquals(0.11212687599339076, metrics.pixelAp(), 1e-9);
    }

    private static int[] sequence(int length, int modulus) {
        int[] values = new int[length];
        long state = 12345;
        for (int i = 0; i < length; i++) {
            state = (state * 1103515245 + 12345) & 0x7fffffff;
            values[i] = (int) ((state >> 8) % modulus);
        }
        return values;
    }

    /** Values of scikit-learn's roc_auc_score and average_precision_score. */
    @Test
    void equalsScikitLearnOnTiesNeighbouringFloatsEqualAndNegativeScores() {
        int[] draws = sequence(8000, 5);
        boolean[] mask = new boolean[4000];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = draws[4000 + i] == 0;
        }
        int[] ties = sequence(4000, 17);
        int[] fine = sequence(4000, 1 << 20);
        float[] tied = new float[4000];
        float[] neighbours = new float[4000];
        float[] negative = new float[4000];
        for (int i = 0; i < 4000; i++) {
            tied[i] = ties[i] / 7f + (mask[i] ? 0.25f : 0);
            neighbours[i] = 0.3f + fine[i] * 0x1p-24f;
            negative[i] = -fine[i] * 3f;
        }
        check(tied, mask, 0.5737173460774107, 0.36917588694275705);
        check(neighbours, mask, 0.48127121311912224, 0.21718596819014135);
        check(filled(4000, 0.7f), mask, 0.5, 0.22525);
        check(negative, mask, 0.5187287868808778, 0.23517737363236682);
    }

    private static void check(float[] scores, boolean[] mask, double auroc, double ap) {
        MetricSet metrics = Metrics.evaluate(List.of(image(80, 50, scores, mask)));
        assertEquals(auroc, metrics.pixelAuroc(), 1e-6);
        assertEquals(ap, metrics.pixelAp(), 1e-6);
        assertEquals(auroc, Ranking.of(scores, mask).auroc(), 1e-6);
        assertEquals(ap, Ranking.of(scores, mask).averagePrecision(), 1e-6);
    }

    private static List<ScoredImage> random(int seed, int count, boolean coarse) {
        Random random = new Random(seed);
        List<ScoredImage> images = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            int width = 3 + random.nextInt(6);
            int height = 1 + random.nextInt(7);
            float[] scores = new float[width * height];
            boolean[] mask = new boolean[scores.length];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = coarse ? random.nextInt(7) - 3 : (float) random.nextGaussian();
                mask[i] = n % 2 == 0 && random.nextInt(3) == 0;
            }
            mask[0] |= n % 2 == 0;
            images.add(image(width, height, scores, mask));
        }
        return images;
    }

    /** Every distinct score as a threshold, every region counted anew. */
    private static double bruteForcePro(List<ScoredImage> images, double limit) {
        TreeSet<Float> thresholds = new TreeSet<>((a, b) -> Float.compare(b, a));
        images.forEach(
                image -> IntStream.range(0, image.scoreMap().length).forEach(i -> thresholds.add(image.scoreMap()[i])));
        double area = 0;
        double lastRate = 0;
        double lastOverlap = 0;
        for (float threshold : thresholds) {
            double overlap = 0;
            int regionCount = 0;
            long wrong = 0;
            long normal = 0;
            for (ScoredImage image : images) {
                ConnectedRegions regions = ConnectedRegions.of(image.mask(), image.width(), image.height());
                regionCount += regions.count();
                int[] found = new int[regions.count()];
                for (int i = 0; i < image.scoreMap().length; i++) {
                    boolean above = image.scoreMap()[i] >= threshold;
                    normal += image.mask()[i] ? 0 : 1;
                    wrong += !image.mask()[i] && above ? 1 : 0;
                    if (image.mask()[i] && above) {
                        found[regions.regionOf(i)]++;
                    }
                }
                for (int region = 0; region < found.length; region++) {
                    overlap += (double) found[region] / regions.area(region);
                }
            }
            double rate = (double) wrong / normal;
            overlap /= regionCount;
            if (rate > limit) {
                double atLimit = lastOverlap + (overlap - lastOverlap) * (limit - lastRate) / (rate - lastRate);
                return (area + (limit - lastRate) * (atLimit + lastOverlap) / 2) / limit;
            }
            area += (rate - lastRate) * (overlap + lastOverlap) / 2;
            lastRate = rate;
            lastOverlap = overlap;
        }
        return area / limit;
    }

    @Test
    void proEqualsTheDefinition() {
        for (int seed = 0; seed < 30; seed++) {
            List<ScoredImage> images = random(seed, 6, seed % 2 == 0);
            assertEquals(bruteForcePro(images, 0.3), PerRegionOverlap.of(images), 1e-12, "seed " + seed);
            assertEquals(bruteForcePro(images, 0.05), PerRegionOverlap.upToFivePerCent(images), 1e-12, "seed " + seed);
        }
    }

    /** A few scores a pass give the same bits as all at once, and the file the same as memory. */
    @Test
    void resultsDoNotDependOnHowMuchFitsIntoMemory() {
        List<ScoredImage> images = random(7, 40, false);
        int[] all = IntStream.range(0, images.size()).toArray();
        for (int scoresAPass : new int[] {1, 3, 17, 1000}) {
            try (SpillFile file = new SpillFile(temporary)) {
                SpilledMaps maps = new SpilledMaps(file);
                AnomalousPixels pixels = new AnomalousPixels(file);
                for (ScoredImage image : images) {
                    maps.add(image);
                    pixels.add(image, List.of());
                }
                PixelCurve curve = PixelMetrics.curve(maps, all, List.of(pixels), null, scoresAPass);
                MetricSet expected = Metrics.evaluate(images);
                assertEquals(expected.pixelAuroc(), curve.auroc());
                assertEquals(expected.pixelAp(), curve.averagePrecision());
                assertEquals(expected.pixelF1Max(), curve.f1Max());
                assertEquals(expected.get(Metric.AU_PRO_30), curve.auPro(PixelCurve.LIMIT_30));
                assertEquals(Metrics.pixelRanking(images).auroc(), curve.auroc(), 1e-12);
                assertEquals(Metrics.pixelRanking(images).averagePrecision(), curve.averagePrecision(), 1e-12);
                assertEquals(Metrics.pixelRanking(images).f1Max(), curve.f1Max(), 1e-12);
            }
        }
    }

    /** More anomalous pixels than are sorted in memory, and more bytes than are kept there. */
    @Test
    void manyAnomalousPixelsAreSortedInRunsOnDisk() throws IOException {
        Random random = new Random(3);
        List<ScoredImage> images = new ArrayList<>();
        try (MetricAccumulator accumulator = new MetricAccumulator(temporary, 0.5, 0.5)) {
            for (int n = 0; n < 6; n++) {
                float[] scores = new float[700 * 701];
                boolean[] mask = new boolean[scores.length];
                for (int i = 0; i < scores.length; i++) {
                    scores[i] = random.nextFloat();
                    mask[i] = n % 2 == 0 && i % 700 < 500;
                }
                ScoredImage image = image(700, 701, scores, mask);
                images.add(image);
                accumulator.add("image " + n, n % 2 == 0 ? "dent" : "good", image, List.of());
            }
            try (Stream<Path> files = Files.list(temporary)) {
                assertEquals(0, files.count(), "the file has no name while it is in use");
            }
            MetricSet metrics = accumulator.metrics().all();
            Ranking ranking = Metrics.pixelRanking(images);
            assertEquals(ranking.auroc(), metrics.pixelAuroc(), 1e-12);
            assertEquals(ranking.averagePrecision(), metrics.pixelAp(), 1e-12);
            assertEquals(ranking.f1Max(), metrics.pixelF1Max(), 1e-12);
            assertEquals(0.15, metrics.get(Metric.AU_PRO_30), 0.002);
            assertTrue(Arrays.equals(images.get(3).scoreMap(), accumulator.scoreMap(3)), "maps can be read back");
        }
    }

    @Test
    void saturatedOverlapCountsAPartOfADefectAsAll() {
        float[] scores = {0.9f, 0.8f, 0.7f, 0.1f, 0.6f, 0.5f, 0.4f, 0.3f, 0.2f, 0.05f};
        boolean[] long5 = first(5, 10);
        boolean[] other = new boolean[10];
        other[4] = true;
        other[5] = true;
        // The first defect is found with two pixels (0.9, 0.8), the second with its own two (0.6, 0.5); they share
        // pixel 4.
        boolean[] united = first(6, 10);
        try (MetricAccumulator accumulator = new MetricAccumulator(temporary, Double.NaN, Double.NaN)) {
            accumulator.add(
                    "one",
                    "logical",
                    image(10, 1, scores, united),
                    List.of(new SaturatedRegion(long5, 2, false), new SaturatedRegion(other, 1, true)));
            MetricSet metrics = accumulator.metrics().all();
            assertEquals(
                    1,
                    metrics.get(Metric.AU_SPRO_30),
                    1e-12,
                    "both are found before the first of the four normal pixels");
            assertTrue(metrics.get(Metric.AU_PRO_30) < 1, "the region's weakest pixel scores less than normal ones");
        }
        assertEquals(
                3, new SaturatedRegion(long5, 0.7, true).saturationArea(5), "whole pixels, as the publisher cuts them");
        assertEquals(5, new SaturatedRegion(long5, 900, false).saturationArea(5));
        assertEquals(1, new SaturatedRegion(long5, 0.01, true).saturationArea(5));
        // A defect of three pixels, two of which suffice, with a normal pixel between them: 0.5 up to a fifth of the
        // false positives, then 1.
        float[] between = {0.9f, 0.7f, 0.6f, 0.8f, 0.5f, 0.4f, 0.3f, 0.2f};
        try (MetricAccumulator accumulator = new MetricAccumulator(temporary, Double.NaN, Double.NaN)) {
            accumulator.add(
                    "one",
                    "logical",
                    image(8, 1, between, first(3, 8)),
                    List.of(new SaturatedRegion(first(3, 8), 2, false)));
            assertEquals(
                    (0.2 * 0.5 + 0.1 * 1) / 0.3, accumulator.metrics().all().get(Metric.AU_SPRO_30), 1e-12);
        }
    }

    @Test
    void decisionsAndKindsAreCountedWithExactIntervals() {
        try (MetricAccumulator accumulator = new MetricAccumulator(temporary, 0.5, 0.6)) {
            for (int n = 0; n < 20; n++) {
                accumulator.add(
                        "good " + n,
                        "good",
                        image(4, 1, new float[] {0.1f, n == 0 ? 1.9f : 0.1f, 0.1f, 0.1f}, new boolean[4]),
                        List.of());
            }
            for (int n = 0; n < 4; n++) {
                accumulator.add(
                        "dent " + n, "dent", image(4, 1, new float[] {0.9f, 0.9f, 0.9f, 0.8f}, first(2, 4)), List.of());
                accumulator.add(
                        "hole " + n, "hole", image(4, 1, new float[] {0.2f, 0.1f, 0.1f, 0.1f}, first(1, 4)), List.of());
            }
            TestMetrics measured = accumulator.metrics();
            assertEquals(new Rate(1, 20), measured.decisions().falseAlarms(), "the mean of four pixels is 0.55");
            assertEquals(new Rate(4, 8), measured.decisions().misses());
            assertEquals(new Rate(4, 4), measured.kinds().get("dent").detected());
            assertEquals(new Rate(0, 4), measured.kinds().get("hole").detected());
            assertEquals(List.of("dent", "hole"), List.copyOf(measured.kinds().keySet()));
            assertEquals(2.0 * 4 / (8 + 5), measured.all().get(Metric.IMAGE_F1), 1e-12);
            assertEquals(
                    2.0 * 8 / (17 + 12),
                    measured.all().get(Metric.SEG_F1),
                    1e-12,
                    "17 pixels from 0.6 on, 12 in masks, 8 in both");
            assertEquals(1, measured.kinds().get("dent").metrics().imageAuroc(), 1e-12);
            assertEquals(19.0 / 20, measured.kinds().get("hole").metrics().imageAuroc(), 1e-12);
            assertEquals(
                    bruteForcePro(kind(0.9f), 0.3),
                    measured.kinds().get("dent").metrics().get(Metric.AU_PRO_30),
                    1e-12);
            Interval interval = measured.all().interval(Metric.IMAGE_AUROC);
            assertTrue(
                    interval.lower() < measured.all().imageAuroc()
                            && interval.upper() >= measured.all().imageAuroc(),
                    interval.toString());
            assertNull(measured.kinds().get("dent").metrics().interval(Metric.IMAGE_AUROC), "four images are too few");
        }
    }

    private static List<ScoredImage> kind(float score) {
        List<ScoredImage> images = new ArrayList<>();
        for (int n = 0; n < 20; n++) {
            images.add(image(4, 1, new float[] {0.1f, n == 0 ? 1.9f : 0.1f, 0.1f, 0.1f}, new boolean[4]));
        }
        for (int n = 0; n < 4; n++) {
            images.add(image(4, 1, new float[] {score, score, score, 0.8f}, first(2, 4)));
        }
        return images;
    }

    /** SciPy's beta quantiles. */
    @Test
    void ratesHaveTheExactBinomialInterval() {
        checkRate(0, 20, 0, 0.1684334709830853);
        checkRate(1, 20, 0.0012650894979498038, 0.24873276277202777);
        checkRate(20, 20, 0.8315665290169146, 1);
        checkRate(3, 400, 0.0015493589499056574, 0.0217606685144171);
        checkRate(7, 9, 0.39990642628368783, 0.9718550265221018);
        assertEquals(new Interval(0, 1), new Rate(0, 0).interval());
        assertThrows(IllegalArgumentException.class, () -> new Rate(3, 2));
    }

    private static void checkRate(int count, int of, double lower, double upper) {
        Interval interval = new Rate(count, of).interval();
        assertEquals(lower, interval.lower(), 1e-6);
        assertEquals(upper, interval.upper(), 1e-6);
    }

    /** Over many test sets from one known distribution, about 95 % of the intervals hold the true AUROC. */
    @Test
    void bootstrapIntervalsHoldTheTruth() {
        Random random = new Random(5);
        double truth = 0.7602; // P(N(1,1) > N(0,1)) = Φ(1/√2)
        int held = 0;
        for (int set = 0; set < 100; set++) {
            List<ImageTruth> images = new ArrayList<>();
            for (int n = 0; n < 80; n++) {
                images.add(new ImageTruth("", "", n % 2 == 0, random.nextGaussian() + (n % 2 == 0 ? 1 : 0), 0, 0, 0));
            }
            MetricSet.Builder builder = MetricSet.builder();
            ImageIntervals.add(builder, images);
            Interval interval = builder.build().interval(Metric.IMAGE_AUROC);
            held += interval.lower() <= truth && truth <= interval.upper() ? 1 : 0;
        }
        assertTrue(held >= 87 && held <= 100, held + " of 100");
    }

    @Test
    void pixelIntervalsSurroundTheExactValue() {
        Random random = new Random(9);
        try (MetricAccumulator accumulator = new MetricAccumulator(temporary, 0.5, 0.5)) {
            for (int n = 0; n < 40; n++) {
                boolean[] mask = n % 2 == 0 ? first(20 + random.nextInt(60), 400) : new boolean[400];
                float[] scores = new float[400];
                double contrast = random.nextDouble();
                for (int i = 0; i < scores.length; i++) {
                    scores[i] = (float) (random.nextDouble() + (mask[i] ? contrast : 0));
                }
                accumulator.add("image " + n, n % 2 == 0 ? "dent" : "good", image(20, 20, scores, mask), List.of());
            }
            MetricSet metrics = accumulator.metrics().all();
            for (Metric metric : List.of(
                    Metric.PIXEL_AUROC,
                    Metric.PIXEL_AP,
                    Metric.PIXEL_F1_MAX,
                    Metric.SEG_F1,
                    Metric.AU_PRO_30,
                    Metric.AU_PRO_05)) {
                Interval interval = metrics.interval(metric);
                assertTrue(
                        interval.lower() < metrics.get(metric) && metrics.get(metric) < interval.upper(),
                        metric + " " + metrics.get(metric) + " " + interval);
                assertTrue(interval.upper() - interval.lower() < 0.35, metric + " " + interval);
            }
        }
    }

    @Test
    void aMissingMaskWithholdsPixelMetricsAndNamesTheImage() {
        ScoredImage good = ScoredImage.of(2, 1, false, new float[] {0, 1}, null);
        ScoredImage marked = ScoredImage.of(2, 1, true, new float[] {3, 2}, new boolean[] {true, false});
        ScoredImage unmarked = ScoredImage.of(2, 1, true, new float[] {3, 2}, null);
        try (MetricAccumulator accumulator = new MetricAccumulator(temporary, Double.NaN, Double.NaN)) {
            accumulator.add("a.png", "good", good, List.of());
            accumulator.add("b.png", "dent", marked, List.of());
            accumulator.add("c.png", "dent", unmarked, List.of());
            MetricSet metrics = accumulator.metrics().all();
            assertEquals(1, metrics.imageAuroc());
            assertFalse(metrics.has(Metric.AU_PRO_30));
            assertTrue(
                    metrics.absent().get(Metric.AU_PRO_30).contains("c.png"),
                    metrics.absent().toString());
            assertTrue(metrics.absent().get(Metric.IMAGE_F1).contains("threshold"));
            assertTrue(metrics.intervalsWithheld().contains("5 good"));
        }
        assertThrows(IllegalArgumentException.class, () -> MetricSet.builder().value(Metric.IMAGE_AP, Double.NaN));
    }

    @Test
    void scoresOutsideOfZeroToOneAreRanked() {
        double[] scores = {2.1, 2.3, 5, 9};
        boolean[] labels = {false, true, false, true};
        List<ScoredImage> images = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            images.add(new ScoredImage(
                    1, 1, scores[i], labels[i], new float[] {(float) scores[i]}, new boolean[] {labels[i]}));
        }
        assertEquals(0.75, Metrics.evaluate(images).imageAuroc(), 1e-12);
        assertEquals(0.75, Metrics.evaluate(images).pixelAuroc(), 1e-12);
    }

    @Test
    void aFolderThatCannotBeWrittenIsASentence() {
        try (SpillFile file = new SpillFile(temporary.resolve("missing"))) {
            java.nio.ByteBuffer large = java.nio.ByteBuffer.allocate(9 << 20);
            InvalidInputException refused = assertThrows(InvalidInputException.class, () -> file.append(large));
            assertTrue(
                    refused.getMessage().contains("missing")
                            && refused.getMessage().contains("free space"),
                    refused.getMessage());
        }
    }
}
