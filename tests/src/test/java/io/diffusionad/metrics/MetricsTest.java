package io.diffusionad.metrics;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.diffusionad.image.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class MetricsTest {
    private static List<ScoredImage> recorded(Recording recording, int set) {
        int[] shape = recording.tensor(set + ".mask").shape();
        int pixels = shape[1] * shape[2];
        byte[] masks = recording.tensor(set + ".mask").toBytes();
        float[] scores = recording.tensor(set + ".score").toFloats();
        List<ScoredImage> images = new ArrayList<>();
        for (int n = 0; n < shape[0]; n++) {
            float[] map = java.util.Arrays.copyOfRange(scores, n * pixels, (n + 1) * pixels);
            boolean[] mask = new boolean[pixels];
            boolean any = false;
            for (int i = 0; i < pixels; i++) {
                mask[i] = masks[n * pixels + i] != 0;
                any |= mask[i];
            }
            images.add(ScoredImage.of(shape[2], shape[1], any, map, mask));
        }
        return images;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void equalTheReference(int set) throws Exception {
        Recording recording = Recording.open("metrics");
        List<ScoredImage> images = recorded(recording, set);
        float[] imageScores = recording.tensor(set + ".image_score").toFloats();
        for (int n = 0; n < imageScores.length; n++) {
            assertEquals(imageScores[n], images.get(n).imageScore(), 1e-6);
        }
        JsonNode expected = new ObjectMapper().readTree(recording.metadata(String.valueOf(set)));
        MetricSet metrics = Metrics.evaluate(images);
        assertEquals(expected.get("image_auroc").asDouble(), metrics.imageAuroc(), 1e-12);
        assertEquals(expected.get("image_ap").asDouble(), metrics.imageAp(), 1e-12);
        assertEquals(expected.get("pixel_auroc").asDouble(), metrics.pixelAuroc(), 1e-12);
        assertEquals(expected.get("pixel_ap").asDouble(), metrics.pixelAp(), 1e-12);
        assertEquals(expected.get("pixel_f1_max").asDouble(), metrics.pixelF1Max(), 1e-12);
        assertEquals(expected.get("pixel_aupro_fpr0.3_1000_thresholds").asDouble(), metrics.referencePro(), 1e-9);
        assertEquals(Set.of(Metric.IMAGE_F1, Metric.SEG_F1), metrics.absent().keySet(), "without thresholds");
    }

    @Test
    void theOrderOfImagesDoesNotMatter() {
        List<ScoredImage> images = recorded(Recording.open("metrics"), 2);
        MetricSet before = Metrics.evaluate(images);
        Collections.shuffle(images, new Random(1));
        MetricSet after = Metrics.evaluate(images);
        assertEquals(before.pixelAuroc(), after.pixelAuroc());
        assertEquals(before.pixelAp(), after.pixelAp());
        assertEquals(before.referencePro(), after.referencePro(), 1e-12);
        assertEquals(before.get(Metric.AU_PRO_30), after.get(Metric.AU_PRO_30), 1e-12);
    }

    /** AUROC by its definition over all pairs, average precision by its definition over thresholds. */
    @Test
    void rankingEqualsTheDefinitionsOnTiedScores() {
        Random random = new Random(11);
        for (int round = 0; round < 20; round++) {
            int n = 2 + random.nextInt(60);
            float[] scores = new float[n];
            boolean[] labels = new boolean[n];
            for (int i = 0; i < n; i++) {
                scores[i] = (random.nextInt(9) - 4) / 4f;
                labels[i] = random.nextInt(3) == 0;
            }
            labels[0] = true;
            labels[1] = false;
            Ranking ranking = Ranking.of(scores, labels);
            assertEquals(aurocByPairs(scores, labels), ranking.auroc(), 1e-12);
            assertEquals(bestF1(scores, labels), ranking.f1Max(), 1e-12);
            assertEquals(ranking.f1Max(), f1At(scores, labels, (float) ranking.f1MaxThreshold()), 1e-12);
        }
    }

    private static double aurocByPairs(float[] scores, boolean[] labels) {
        double wins = 0;
        int pairs = 0;
        for (int i = 0; i < scores.length; i++) {
            for (int j = 0; j < scores.length; j++) {
                if (labels[i] && !labels[j]) {
                    pairs++;
                    wins += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
                }
            }
        }
        return wins / pairs;
    }

    private static double bestF1(float[] scores, boolean[] labels) {
        double best = 0;
        for (float threshold : scores) {
            best = Math.max(best, f1At(scores, labels, threshold));
        }
        return best;
    }

    private static double f1At(float[] scores, boolean[] labels, float threshold) {
        int hits = 0;
        int found = 0;
        int positives = 0;
        for (int i = 0; i < scores.length; i++) {
            positives += labels[i] ? 1 : 0;
            found += scores[i] >= threshold ? 1 : 0;
            hits += labels[i] && scores[i] >= threshold ? 1 : 0;
        }
        return 2.0 * hits / (found + positives);
    }

    @Test
    void negativeZeroAndInfinitiesAreOrderedAsNumbers() {
        Ranking ranking = Ranking.of(
                new float[] {-0f, 0f, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, -3f, 2f},
                new boolean[] {true, false, false, true, false, true});
        assertEquals((3 + 2.5 + 3) / 9, ranking.auroc(), 1e-12);
        assertThrows(IllegalArgumentException.class, () -> Ranking.of(new float[] {Float.NaN}, new boolean[1]));
    }

    @Test
    void aTestSetOfOneKindHasReasonsInsteadOfNumbers() {
        ScoredImage good = ScoredImage.of(3, 2, false, new float[] {0, 1, 2, 3, 4, 5}, new boolean[6]);
        MetricSet metrics = Metrics.evaluate(List.of(good, good));
        assertTrue(Double.isNaN(metrics.imageAuroc())
                && Double.isNaN(metrics.imageAp())
                && Double.isNaN(metrics.pixelAuroc())
                && Double.isNaN(metrics.get(Metric.AU_PRO_30)));
        assertTrue(
                metrics.absent().get(Metric.IMAGE_AUROC).contains("no anomalous image"),
                metrics.absent().toString());
        assertTrue(
                metrics.absent().get(Metric.AU_PRO_30).contains("no anomalous image"),
                metrics.absent().toString());
    }

    @Test
    void missingMasksLeaveOnlyThePixelMetricsOut() {
        ScoredImage good = ScoredImage.of(2, 1, false, new float[] {0, 1}, null);
        ScoredImage bad = ScoredImage.of(2, 1, true, new float[] {1, 2}, null);
        MetricSet metrics = Metrics.evaluate(List.of(good, bad));
        assertEquals(1, metrics.imageAuroc());
        assertTrue(Double.isNaN(metrics.pixelAuroc()));
        assertTrue(metrics.absent().get(Metric.PIXEL_AUROC).contains("no mask"));
        assertThrows(
                IllegalArgumentException.class, () -> ScoredImage.of(2, 1, true, new float[] {Float.NaN, 2}, null));
    }

    @Test
    void constantScoresGiveNoCreditAndNoCrash() {
        boolean[] mask = {true, false, false, true};
        ScoredImage bad = ScoredImage.of(4, 1, true, new float[4], mask);
        MetricSet metrics = Metrics.evaluate(List.of(bad, ScoredImage.of(4, 1, false, new float[4], new boolean[4])));
        assertEquals(0.5, metrics.imageAuroc());
        assertEquals(0.5, metrics.pixelAuroc());
        assertEquals(0, metrics.referencePro());
        assertEquals(0.15, metrics.get(Metric.AU_PRO_30), 1e-12, "one threshold finds everything: the diagonal");
    }

    @Test
    void regionsAreEightConnected() {
        boolean[] mask = {
            true, false, false, true,
            false, true, false, false,
            false, false, false, true
        };
        ConnectedRegions regions = ConnectedRegions.of(mask, 4, 3);
        assertEquals(3, regions.count());
        assertEquals(2, regions.area(regions.regionOf(0)));
        assertEquals(regions.regionOf(0), regions.regionOf(5));
        assertEquals(-1, regions.regionOf(1));
    }

    @Test
    void theImageScoreAveragesTheFiftyLargest() {
        float[] map = new float[1000];
        for (int i = 0; i < map.length; i++) {
            map[i] = i * 7919 % 1000;
        }
        assertEquals(974.5, ImageScore.of(map), 1e-9);
        assertEquals(2, ImageScore.of(new float[] {1, 3}), 1e-9);
    }

    @Test
    void theDecisionThresholdIsAQuantileOfNormalScores() {
        double[] scores = {4, 1, 3, 2, 5};
        assertEquals(3, DecisionThreshold.calibrate(scores, 0.5), 1e-12);
        assertEquals(4.8, DecisionThreshold.calibrate(scores, 0.95), 1e-12);
        assertEquals(5, DecisionThreshold.calibrate(scores, 1), 1e-12);
        assertThrows(IllegalArgumentException.class, () -> DecisionThreshold.calibrate(new double[0], 0.5));
        assertThrows(IllegalArgumentException.class, () -> DecisionThreshold.calibrate(scores, Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> DecisionThreshold.calibrate(new double[] {Double.NaN}, 0.5));
    }
}
