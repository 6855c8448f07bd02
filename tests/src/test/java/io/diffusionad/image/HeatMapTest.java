package io.diffusionad.image;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
        recording.assertBytes(
                "jet_rgb", heat.rgb(), 256, 3, 4, 0.999); // one level of the map is up to four of a colour
        recording.assertBytes(
                "overlay_rgb", HeatMap.overlay(recording.rgb("image"), heat).rgb(), 256, 3, 3, 0.999);
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

    @Test
    void nothingBelowTheThresholdIsWarmAndNothingAboveIsCold() {
        float[] map = new float[1001];
        for (int i = 0; i < map.length; i++) {
            map[i] = i / 1000f;
        }
        for (double threshold : new double[] {0.002, 0.25, 0.5, 0.9}) {
            RgbImage colours = HeatMap.relative(map, map.length, 1, threshold);
            for (int i = 0; i < map.length; i++) {
                int red = colours.channel(i, 0, 0);
                int blue = colours.channel(i, 0, 2);
                if (map[i] < threshold) {
                    assertTrue(
                            red == 0 && blue >= 128, map[i] + " below " + threshold + " is blue: " + red + " " + blue);
                } else {
                    assertTrue(
                            red >= 128 && blue == 0,
                            map[i] + " from " + threshold + " on is warm: " + red + " " + blue);
                }
            }
            assertArrayEquals(
                    new int[] {128, 0, 0},
                    new int[] {colours.channel(1000, 0, 0), colours.channel(1000, 0, 1), colours.channel(1000, 0, 2)});
        }
        assertThrows(IllegalArgumentException.class, () -> HeatMap.relative(map, map.length, 1, Double.NaN));
    }

    @Test
    void aGoodPartStaysBlueWhateverItsOwnColours() {
        byte[] red = new byte[3 * 16];
        for (int i = 0; i < red.length; i += 3) {
            red[i] = (byte) 255;
        }
        float[] map = new float[16];
        java.util.Arrays.fill(map, 0.1f);
        map[3] = 0.19f;
        RgbImage shown = HeatMap.overGrey(new RgbImage(4, 4, red), HeatMap.relative(map, 4, 4, 0.2));
        for (int i = 0; i < 16; i++) {
            assertTrue(shown.channel(i % 4, i / 4, 2) > shown.channel(i % 4, i / 4, 0) + 60, "pixel " + i);
        }
    }
}
