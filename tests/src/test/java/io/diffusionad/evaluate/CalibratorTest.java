package io.diffusionad.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diffusionad.metrics.ScoredImage;
import io.diffusionad.settings.Calibration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CalibratorTest {
    @Test
    void manyHeldOutImagesDecideAlone() {
        List<ScoredImage> heldOut = new ArrayList<>();
        for (int i = 0; i <= 50; i++) {
            heldOut.add(flat(0.01f * i, false));
        }
        heldOut.add(flat(0.9f, true));
        Calibration calibration = Calibrator.calibrate(heldOut, () -> {
            throw new AssertionError("training images were asked");
        });
        assertEquals(0.49, calibration.threshold(), 1e-6);
        assertEquals(0.5, calibration.pixelThreshold(), 1e-6);
        assertEquals(51, calibration.images());
    }

    @Test
    void fewHeldOutImagesAreJoinedByThoseOfTraining() {
        List<ScoredImage> heldOut = List.of(flat(0.3f, false), flat(0.4f, false), flat(0.9f, true));
        List<ScoredImage> trained = new ArrayList<>(List.of(flat(0.8f, true)));
        for (int i = 0; i < 98; i++) {
            trained.add(flat(0.1f, false));
        }
        Calibration calibration = Calibrator.calibrate(heldOut, () -> trained);
        assertEquals(100, calibration.images());
        assertTrue(calibration.threshold() > 0.1 && calibration.threshold() < 0.3, "" + calibration);
    }

    @Test
    void withoutGoodImagesThereIsNone() {
        assertEquals(Calibration.NONE, Calibrator.calibrate(List.of(flat(0.9f, true)), List::of));
    }

    private static ScoredImage flat(float level, boolean anomalous) {
        float[] map = new float[64];
        Arrays.fill(map, level);
        return ScoredImage.of(8, 8, anomalous, map, new boolean[64]);
    }
}
