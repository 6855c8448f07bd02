package io.diffusionad.image;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ScoreMapsTest {
    @Test
    void theSameSizeChangesNothing() {
        float[] map = {0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f};
        assertArrayEquals(map, ScoreMaps.resize(map, 3, 2, 3, 2));
    }

    @Test
    void doublingInterpolatesAtHalfPixelCentres() {
        assertArrayEquals(new float[] {0f, 0.25f, 0.75f, 1f}, ScoreMaps.resize(new float[] {0, 1}, 2, 1, 4, 1), 1e-6f);
    }

    @Test
    void aSinglePixelFillsAnySize() {
        for (float value : ScoreMaps.resize(new float[] {0.7f}, 1, 1, 5, 3)) {
            assertTrue(value == 0.7f);
        }
    }

    @Test
    void aMapOfAnotherSizeIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> ScoreMaps.resize(new float[5], 2, 2, 4, 4));
    }
}
