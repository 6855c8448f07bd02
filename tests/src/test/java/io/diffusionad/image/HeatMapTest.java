package io.diffusionad.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class HeatMapTest {
    private final Recording recording = Recording.open("heatmap");

    @Test
    void theJetTableIsOpenCvs() {
        assertArrayEquals(recording.tensor("jet_table_rgb").toBytes(), HeatMap.jet());
    }

    @Test
    void smoothingEqualsSciPy() {
        float[] map = recording.tensor("map").toFloats();
        recording.assertValues("gaussian4", GaussianBlur.blur(map, 256, 256, HeatMap.SIGMA), 256, 2e-7);
    }

    @Test
    void heatMapAndOverlayEqualTheReference() {
        RgbImage heat = HeatMap.of(recording.tensor("map").toFloats(), 256, 256);
        recording.assertBytes("jet_rgb", heat.rgb(), 256, 3, 4, 0.999); // one level of the map is up to four of a colour
        recording.assertBytes("overlay_rgb", HeatMap.overlay(recording.rgb("image"), heat).rgb(), 256, 3, 3, 0.999);
    }

    @Test
    void blurKeepsTheMeanOfAnyShape() {
        float[] map = new float[31 * 7];
        map[40] = 1f;
        map[200] = 0.5f;
        double sum = 0;
        for (float v : GaussianBlur.blur(map, 31, 7, 2.5)) {
            sum += v;
        }
        assertEquals(1.5, sum, 1e-5);
    }

    @Test
    void aConstantMapBecomesTheColdestColour() {
        float[] map = new float[12];
        java.util.Arrays.fill(map, 0.7f);
        assertArrayEquals(new float[12], HeatMap.minMax(map));
        assertEquals(128, HeatMap.of(map, 4, 3).channel(0, 0, 2));
    }

    @Test
    void blackOverBlackStaysBlack() {
        RgbImage black = RgbImage.black(2, 2);
        assertArrayEquals(black.rgb(), HeatMap.overlay(black, black).rgb());
    }
}
