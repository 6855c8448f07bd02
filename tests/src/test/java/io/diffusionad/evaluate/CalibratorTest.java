package io.diffusionad.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diffusionad.metrics.ScoredImage;
import io.diffusionad.settings.ModelCard.Calibration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CalibratorTest {
    @Test
    void theThresholdIsThreeDeviationsAboveTheMeanOfNormalScores() {
        List<ScoredImage> scored = new ArrayList<>();
        for (float level : new float[] {0.1f, 0.2f, 0.3f}) {
            scored.add(flat(level, false));
        }
        scored.add(flat(0.9f, true));
        Calibration calibration = Calibrator.calibrate(scored);
        assertEquals(0.2 + 3 * 0.1, calibration.threshold(), 1e-6);
        assertEquals(0.3, calibration.pixelThreshold(), 1e-6);
        assertEquals(3, calibration.images());
    }

    @Test
    void itIsNeverBelowTheLargestNormalScore() {
        List<ScoredImage> scored = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            scored.add(flat(0.1f, false));
        }
        scored.add(flat(0.8f, false));
        assertTrue(Calibrator.calibrate(scored).threshold() >= 0.8f);
    }

    @Test
    void withoutNormalImagesThereIsNone() {
        assertEquals(Calibration.NONE, Calibrator.calibrate(List.of(flat(0.9f, true))));
    }

    private static ScoredImage flat(float level, boolean anomalous) {
        float[] map = new float[64];
        Arrays.fill(map, level);
        return ScoredImage.of(8, 8, anomalous, map, new boolean[64]);
    }
}
