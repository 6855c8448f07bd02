package io.diffusionad.data.check;

import io.diffusionad.data.mask.Mask;
import io.diffusionad.data.mask.SmallDefect;
import io.diffusionad.image.PictureSize;
import io.diffusionad.image.PngWriter;
import io.diffusionad.image.Preparation;
import io.diffusionad.image.Preparation.Fit;
import io.diffusionad.image.RgbImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What is told about pictures at the model's size. */
class CoverageTest {
    private static final Path FILE = Path.of("a.png");

    @TempDir
    private Path folder;

    private static Coverage coverage(Preparation preparation, int width, int height, int size) {
        return new Coverage(preparation, size, new PictureSize(width, height), null);
    }

    /** The share that is told is that of the pixels whose change changes the square. */
    @ParameterizedTest
    @CsvSource({"60, 24, 12", "33, 16, 7", "16, 16, 16", "9, 20, 24"})
    void theShareIsThatOfThePixelsThatMatter(int width, int height, int size) {
        for (Fit fit : Fit.values()) {
            for (Preparation preparation : List.of(Preparation.REFERENCE.withFit(fit), Preparation.AREA.withFit(fit))) {
                RgbImage black = RgbImage.black(width, height);
                byte[] plain = preparation.square(black, size).rgb().clone(); // may be the picture itself
                int read = 0;
                for (int i = 0; i < width * height; i++) {
                    black.rgb()[3 * i] = (byte) 255;
                    read += Arrays.equals(plain, preparation.square(black, size).rgb()) ? 0 : 1;
                    black.rgb()[3 * i] = 0;
                }
                assertEquals(
                        (double) read / (width * height),
                        coverage(preparation, width, height, size).share(),
                        1e-12,
                        preparation.toString());
            }
        }
    }

    @Test
    void squarePicturesGiveOneLine() {
        assertEquals(
                List.of(
                        "pictures of 1024x1024 at 256x256: 25 % of the pixels are read, train --shrink area reads all of them"),
                coverage(Preparation.REFERENCE, 1024, 1024, 256).lines());
        assertEquals(
                List.of(
                        "pictures of 2448x2448 at 256x256: 4.4 % of the pixels are read, train --shrink area reads all of them"),
                coverage(Preparation.REFERENCE, 2448, 2448, 256).lines());
        assertEquals(
                List.of("pictures of 1024x1024 at 256x256: every pixel is read"),
                coverage(Preparation.AREA, 1024, 1024, 256).lines());
        assertEquals(
                List.of(
                        "pictures of 1024x1024 at 256x256: bilinear resizing reads 25 % of the pixels, shrinking by area all of them"),
                coverage(Preparation.REFERENCE, 1024, 1024, 256).linesOfEitherShrink());
        assertEquals(
                List.of("pictures of 256x250 at 256x256: every pixel is read"),
                coverage(Preparation.REFERENCE, 256, 250, 256).lines());
    }

    @Test
    void whatHappensToTheShapeIsTold() {
        assertEquals(
                "pictures of 750x150 are squashed 5:1; train --fit letterbox or crop keeps their shape",
                shape(Fit.STRETCH, 750, 150));
        assertEquals(
                "pictures of 120x160 are squashed 1.3:1; train --fit letterbox or crop keeps their shape",
                shape(Fit.STRETCH, 120, 160));
        assertEquals(
                "pictures of 750x150 keep their shape: they fill 250x50 of the square, bars the rest",
                shape(Fit.LETTERBOX, 750, 150));
        assertEquals(
                "of pictures of 750x150 only the middle 150x150 is looked at, 20 %; train --fit letterbox looks at all",
                shape(Fit.CROP, 750, 150));
    }

    private static String shape(Fit fit, int width, int height) {
        return coverage(Preparation.AREA.withFit(fit), width, height, 250)
                .lines()
                .get(1);
    }

    @Test
    void theSmallestDefectIsMeasuredAtTheModelsSize() {
        boolean[] marked = new boolean[1024 * 1024];
        Arrays.fill(marked, 5 * 1024, 5 * 1024 + 18, true);
        Arrays.fill(marked, 50 * 1024, 52 * 1024, true);
        Mask mask = new Mask(1024, 1024, marked);
        SmallDefect defect = SmallDefect.of(FILE, mask, Preparation.REFERENCE, 256);
        assertEquals(new SmallDefect(FILE, 18, 18 / 16.0), defect);
        assertEquals(
                List.of(
                        "pictures of 1024x1024 at 256x256: every pixel is read; smallest marked defect: 18 pixels, 1.1 at this size (a.png): "
                                + "train --image-size 512 keeps 4, and so do tiles"),
                new Coverage(Preparation.AREA, 256, new PictureSize(1024, 1024), defect).lines());
        SmallDefect larger = SmallDefect.of(FILE, mask, Preparation.REFERENCE, 512);
        assertEquals(4.5, larger.areaAtSize());
        assertEquals(
                List.of(
                        "pictures of 1024x1024 at 512x512: every pixel is read; smallest marked defect: 18 pixels, 4.5 at this size (a.png)"),
                new Coverage(Preparation.AREA, 512, new PictureSize(1024, 1024), larger).lines());
        assertNull(SmallDefect.of(FILE, Mask.none(8, 8), Preparation.REFERENCE, 8));
        assertNull(SmallDefect.of(FILE, null, Preparation.REFERENCE, 8));
        assertEquals(defect, SmallDefect.least(Arrays.asList(larger, null, defect)));
    }

    /** 100x50 in a square of 20: letterboxed, a picture has half the area that it has stretched. */
    @Test
    void barsTakeRoomFromDefects() {
        boolean[] marked = new boolean[100 * 50];
        Arrays.fill(marked, 0, 50, true);
        Mask mask = new Mask(100, 50, marked);
        assertEquals(
                50 * 400 / 5000.0,
                SmallDefect.of(FILE, mask, Preparation.AREA, 20).areaAtSize(),
                1e-12);
        assertEquals(
                50 * 200 / 5000.0,
                SmallDefect.of(FILE, mask, Preparation.AREA.withFit(Fit.LETTERBOX), 20)
                        .areaAtSize(),
                1e-12);
        assertEquals(
                50 * 400 / 2500.0,
                SmallDefect.of(FILE, mask, Preparation.AREA.withFit(Fit.CROP), 20)
                        .areaAtSize(),
                1e-12);
    }

    @Test
    void theCommonestSizeSpeaksForAll() {
        List<Path> files = List.of(folder.resolve("a.png"), folder.resolve("b.png"), folder.resolve("c.png"));
        PngWriter.write(files.get(0), RgbImage.black(9, 9));
        PngWriter.write(files.get(1), RgbImage.black(12, 8));
        PngWriter.write(files.get(2), RgbImage.black(12, 8));
        Coverage coverage = Coverage.read(files, Preparation.AREA, 8, null);
        assertEquals(new PictureSize(12, 8), coverage.picture());
        assertTrue(
                coverage.lines().get(1).contains("squashed 1.5:1"),
                coverage.lines().toString());
    }
}
