package io.diffusionad.image;

import io.diffusionad.image.Preparation.Fit;
import io.diffusionad.image.Preparation.Levels;
import io.diffusionad.image.Preparation.Shrink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import javax.imageio.ImageIO;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** From a picture to the model's square and back. */
class PreparationTest {
    @TempDir
    private Path folder;

    private static RgbImage noise(int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        new Random(5).nextBytes(rgb);
        return new RgbImage(width, height, rgb);
    }

    @Test
    void theReferenceIsOpenCvsResize() {
        RgbImage picture = noise(37, 23);
        assertArrayEquals(
                Resize.bilinear(picture, 16, 16).rgb(),
                Preparation.REFERENCE.square(picture, 16).rgb());
        RgbImage square = noise(16, 16);
        assertSame(square, Preparation.AREA.square(square, 16));
    }

    /** A scratch of two rows between those that a bilinear reduction by four reads. */
    @Test
    void everyPixelCountsWhenAreasShrink() {
        RgbImage plain = RgbImage.black(64, 64);
        RgbImage scratched = RgbImage.black(64, 64);
        Arrays.fill(scratched.rgb(), 3 * 64 * 19, 3 * 64 * 21, (byte) 255);
        assertArrayEquals(
                Preparation.REFERENCE.square(plain, 16).rgb(),
                Preparation.REFERENCE.square(scratched, 16).rgb());
        RgbImage seen = Preparation.AREA.square(scratched, 16);
        assertEquals(64, seen.channel(3, 4, 0), "a quarter of 255, rounded");
        assertEquals(64, seen.channel(3, 5, 0));
        assertEquals(0, seen.channel(3, 6, 0));
    }

    /** Areas that cut through pixels take their share: 5 to 2 covers 2.5 pixels each. */
    @Test
    void areasAreWeightedAtTheirEdges() {
        GreyImage row = new GreyImage(5, 1, new byte[] {10, 20, (byte) 200, 40, 50});
        assertArrayEquals(new byte[] {52, 76}, Resize.area(row, 2, 1).grey());
    }

    @Test
    void areasKeepConstantPicturesAndEnlargeBilinearly() {
        byte[] grey = new byte[13 * 7];
        Arrays.fill(grey, (byte) 201);
        for (byte value : Resize.area(new GreyImage(13, 7, grey), 5, 17).grey()) {
            assertEquals((byte) 201, value);
        }
        assertArrayEquals(
                new byte[] {0, 25, 75, 100},
                Resize.area(new GreyImage(2, 1, new byte[] {0, 100}), 4, 1).grey());
    }

    @Test
    void aLetterboxKeepsTheShapeAndItsBarsDoNotCount() {
        Placement placement = Preparation.AREA.withFit(Fit.LETTERBOX).place(200, 50, 32);
        assertEquals(32, placement.insideWidth());
        assertEquals(8, placement.insideHeight());
        RgbImage white = RgbImage.black(200, 50);
        Arrays.fill(white.rgb(), (byte) 255);
        RgbImage square = Preparation.AREA.withFit(Fit.LETTERBOX).square(white, 32);
        assertEquals(255, square.channel(16, 12, 0));
        assertEquals(128, square.channel(16, 11, 0), "a bar");
        float[] map = new float[32 * 32];
        Arrays.fill(map, 1);
        Arrays.fill(map, 12 * 32, 20 * 32, 0.25f);
        for (float score : placement.inside(map)) {
            assertEquals(0.25f, score);
        }
        float[] back = placement.toPicture(map);
        assertEquals(200 * 50, back.length);
        for (float score : back) {
            assertEquals(0.25f, score, 1e-6);
        }
    }

    @Test
    void aCropLooksAtTheMiddleAndSaysHowMuch() {
        Placement placement = Preparation.AREA.withFit(Fit.CROP).place(300, 100, 10);
        assertEquals(1.0 / 3, placement.shareOfPicture(), 1e-12);
        float[] map = new float[100];
        Arrays.fill(map, 0.5f);
        float[] back = placement.toPicture(map);
        assertEquals(0, back[99]);
        assertEquals(0.5f, back[100]);
        assertEquals(0.5f, back[199]);
        assertEquals(0, back[200]);
    }

    /** One marked pixel of a million is still marked, and comes back where it was. */
    @ParameterizedTest
    @EnumSource(Fit.class)
    void noRegionOfAMaskIsLost(Fit fit) {
        Placement placement = new Preparation(Levels.UPPER, 16, Shrink.AREA, fit).place(1000, 700, 64);
        boolean[] mask = new boolean[1000 * 700];
        mask[333 * 1000 + 501] = true;
        boolean[] square = placement.square(mask);
        int marked = 0;
        float[] map = new float[64 * 64];
        for (int i = 0; i < square.length; i++) {
            marked += square[i] ? 1 : 0;
            map[i] = square[i] ? 1 : 0;
        }
        assertTrue(marked >= 1 && marked <= 4, marked + " marked");
        assertTrue(placement.toPicture(map)[333 * 1000 + 501] > 0.4, fit.toString());
        assertFalse(placement.square(new boolean[1000 * 700])[0]);
    }

    @Test
    void levelsOfSixteenBits() throws IOException {
        BufferedImage picture = new BufferedImage(4, 1, BufferedImage.TYPE_USHORT_GRAY);
        int[] samples = {0, 1000, 2047, 4095};
        for (int x = 0; x < 4; x++) {
            picture.getRaster().setSample(x, 0, 0, samples[x]);
        }
        Path file = folder.resolve("camera.png");
        ImageIO.write(picture, "png", file.toFile());
        assertArrayEquals(new int[] {0, 3, 7, 15}, reds(Preparation.REFERENCE.read(file)));
        assertArrayEquals(
                new int[] {0, 62, 127, 255},
                reds(Preparation.REFERENCE.withLevels(Levels.FULL, 12).read(file)));
        assertEquals(12, DepthScan.of(List.of(file)).bits(), "found in the pictures");
        assertArrayEquals(
                new int[] {0, 62, 127, 255},
                reds(Preparation.REFERENCE.withLevels(Levels.MIN_MAX, 16).read(file)));
    }

    private static int[] reds(RgbImage image) {
        int[] reds = new int[image.width()];
        for (int x = 0; x < reds.length; x++) {
            reds[x] = image.channel(x, 0, 0);
        }
        return reds;
    }
}
