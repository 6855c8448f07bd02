package io.diffusionad.evaluate;

import io.diffusionad.image.RgbImage;
import org.junit.jupiter.api.Test;

import java.util.HashSet;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

class VariationTest {
    private static RgbImage picture() {
        byte[] rgb = new byte[3 * 40 * 30];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (i / 3 % 40 * 5 + (i / 3 / 40 % 2) * 20);
        }
        return new RgbImage(40, 30, rgb);
    }

    private static int[] levels(RgbImage image) {
        int[] levels = new int[image.rgb().length];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = image.rgb()[i] & 0xFF;
        }
        return levels;
    }

    private static RgbImage pixel(int... levels) {
        return new RgbImage(1, 1, new byte[] {(byte) levels[0], (byte) levels[1], (byte) levels[2]});
    }

    @Test
    void brightnessScalesAndContrastTurnsAboutMidGrey() {
        assertArrayEquals(new int[] {12, 120, 255}, levels(Variation.brightness(pixel(10, 100, 250), 1.2)));
        assertArrayEquals(new int[] {8, 80, 200}, levels(Variation.brightness(pixel(10, 100, 250), 0.8)));
        assertArrayEquals(new int[] {0, 123, 255}, levels(Variation.contrast(pixel(10, 124, 250), 1.2)));
        assertArrayEquals(new int[] {34, 125, 226}, levels(Variation.contrast(pixel(10, 124, 250), 0.8)));
    }

    @Test
    void shiftMovesAndRepeatsEdges() {
        RgbImage moved = Variation.shift(picture(), 3, 2);
        assertEquals(picture().channel(0, 0, 0), moved.channel(2, 1, 0));
        assertEquals(picture().channel(7, 9, 1), moved.channel(10, 11, 1));
    }

    @Test
    void blurAndJpegChangeLittleAndKeepTheMean() {
        for (RgbImage changed : List.of(Variation.blur(picture(), 1.5), Variation.jpeg(picture(), 0.9f))) {
            double before = 0;
            double after = 0;
            int differ = 0;
            for (int i = 0; i < changed.rgb().length; i++) {
                before += picture().rgb()[i] & 0xFF;
                after += changed.rgb()[i] & 0xFF;
                differ += changed.rgb()[i] == picture().rgb()[i] ? 0 : 1;
            }
            assertTrue(differ > 100, differ + " samples differ");
            assertEquals(before / changed.rgb().length, after / changed.rgb().length, 2);
        }
    }

    @Test
    void variationsHaveNamesOfTheirOwnAndKeepTheSize() {
        List<Variation> all = Variation.all();
        assertEquals(14, all.size());
        assertEquals(14, new HashSet<>(all.stream().map(Variation::name).toList()).size());
        RgbImage picture = picture();
        assertSame(picture, all.get(0).apply(picture));
        all.forEach(
                variation -> assertEquals(40 * 30 * 3, variation.apply(picture).rgb().length, variation.name()));
    }
}
