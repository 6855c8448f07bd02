package io.diffusionad.evaluate;

import io.diffusionad.frame.FrameStatistics;
import io.diffusionad.metrics.DecisionThreshold;
import io.diffusionad.metrics.ScoredImage;
import io.diffusionad.settings.Calibration;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class CalibratorTest {
    private static final double RATE = 0.02;

    @Test
    void manyHeldOutImagesDecideAlone() {
        List<ScoredSample> heldOut = new ArrayList<>();
        for (int i = 0; i <= 50; i++) {
            heldOut.add(flat(0.01f * i, false));
        }
        heldOut.add(flat(0.9f, true));
        Calibration calibration = Calibrator.calibrate(
                heldOut,
                () -> {
                    throw new AssertionError("training images were asked");
                },
                RATE);
        assertEquals(0.5, calibration.threshold(), 1e-6);
        assertEquals(1.0 / 52, calibration.decision().orElseThrow().promisedRate(), 1e-12);
        assertEquals(0.5, calibration.pixelThreshold(), 1e-6);
        assertEquals(51, calibration.images());
        assertEquals(0.48, calibration.at(0.06).threshold(), 1e-6);
    }

    @Test
    void fewHeldOutImagesAreJoinedByThoseOfTrainingWhichPromiseNothing() {
        List<ScoredSample> heldOut = List.of(flat(0.3f, false), flat(0.4f, false), flat(0.9f, true));
        List<ScoredSample> trained = new ArrayList<>(List.of(flat(0.8f, true), flat(0.6f, false)));
        for (int i = 0; i < 97; i++) {
            trained.add(flat(0.1f, false));
        }
        Calibration calibration = Calibrator.calibrate(heldOut, () -> trained, RATE);
        assertEquals(100, calibration.images());
        assertEquals(0.4, calibration.threshold(), 1e-6);
        assertEquals(1.0 / 3, calibration.decision().orElseThrow().promisedRate(), 1e-12);
        assertEquals(
                "2 held-out good images promise at best that 33 % of good images are reported (95 % interval of the true rate: 1.3 % to 84 %);"
                        + " 2.0 % could be promised with 49",
                calibration.promise());
        assertEquals(0.6, calibration.at(0.005).threshold(), 1e-6, "images that were trained on raise the threshold");
    }

    @Test
    void trainedImagesAlonePromiseNothing() {
        Calibration calibration =
                Calibrator.calibrate(List.of(), () -> List.of(flat(0.2f, false), flat(0.1f, false)), RATE);
        assertEquals(0.2, calibration.threshold(), 1e-6);
        assertTrue(calibration.decision().isEmpty());
        assertTrue(
                calibration.promise().startsWith("no rate of false alarms is promised: nothing was held out"),
                calibration.promise());
    }

    @Test
    void withoutGoodImagesThereIsNone() {
        assertEquals(Calibration.NONE, Calibrator.calibrate(List.of(flat(0.9f, true)), List::of, RATE));
    }

    @Test
    void thePixelThresholdIsTheQuantileOfAllPixels() {
        List<ScoredSample> heldOut = new ArrayList<>();
        double[] pixels = new double[30 * 64];
        for (int image = 0; image < 30; image++) {
            float[] map = new float[64];
            for (int i = 0; i < 64; i++) {
                map[i] = (image * 64 + i) * 7919 % 1931 / 1931f;
                pixels[image * 64 + i] = map[i];
            }
            heldOut.add(sample(map, false));
        }
        assertEquals(
                DecisionThreshold.calibrate(pixels, 0.9995),
                Calibrator.calibrate(heldOut, List::of, RATE).pixelThreshold(),
                1e-12);
    }

    private static ScoredSample flat(float level, boolean anomalous) {
        float[] map = new float[64];
        Arrays.fill(map, level);
        return sample(map, anomalous);
    }

    private static ScoredSample sample(float[] map, boolean anomalous) {
        return new ScoredSample(
                ScoredImage.of(8, 8, anomalous, map, new boolean[64]), FrameStatistics.of(new float[192], 8, 8, 0.1));
    }
}
