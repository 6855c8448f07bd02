package io.diffusionad.data.mask;

import io.diffusionad.data.Category;
import io.diffusionad.data.MaskThreshold;
import io.diffusionad.data.TestImage;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.image.Images;
import io.diffusionad.image.Preparation;
import io.diffusionad.image.RgbImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import javax.imageio.ImageIO;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class MaskGeometryTest {
    @TempDir
    Path folder;

    @Test
    void shrinkingKeepsEveryPixelAndMarksOnlyWhatIsCovered() {
        Random random = new Random(1);
        for (int[] sizes : new int[][] {{31, 17, 7, 7}, {1024, 3, 256, 256}, {100, 90, 33, 33}, {8, 8, 1, 1}}) {
            for (int round = 0; round < 40; round++) {
                boolean[] marked = new boolean[sizes[0] * sizes[1]];
                int x = random.nextInt(sizes[0]);
                int y = random.nextInt(sizes[1]);
                marked[y * sizes[0] + x] = true;
                Mask small = new Mask(
                        sizes[2],
                        sizes[3],
                        Preparation.AREA.place(sizes[0], sizes[1], sizes[2]).square(marked));
                assertTrue(small.area() >= 1, x + ", " + y);
                for (int i = 0; i < small.marked().length; i++) {
                    double left = (double) (i % sizes[2]) * sizes[0] / sizes[2];
                    double top = (double) (i / sizes[2]) * sizes[1] / sizes[3];
                    boolean covers = left < x + 1
                            && left + (double) sizes[0] / sizes[2] > x
                            && top < y + 1
                            && top + (double) sizes[1] / sizes[3] > y;
                    assertEquals(covers, small.marked()[i], x + ", " + y + ": pixel " + i);
                }
            }
        }
    }

    /** The eight orientations of a picture with one bright quarter, and its mask stored without a note. */
    @ParameterizedTest
    @CsvSource({
        "1, 32, 24",
        "2, 32, 24",
        "3, 32, 24",
        "4, 32, 24",
        "5, 32, 24",
        "6, 32, 24",
        "7, 32, 24",
        "8, 32, 24",
        "6, 32, 32",
        "3, 32, 32",
        "8, 32, 32"
    })
    void masksTurnWithTheirPicture(int orientation, int width, int height) throws IOException {
        BufferedImage stored = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < 8; y++) {
            for (int x = 0; x < 16; x++) {
                stored.getRaster().setSample(x, y, 0, 255);
            }
        }
        Path picture = folder.resolve("a.jpg");
        Path mask = folder.resolve("a_mask.png");
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        ImageIO.write(stored, "jpg", jpeg);
        Files.write(picture, withOrientation(jpeg.toByteArray(), orientation));
        ImageIO.write(stored, "png", mask.toFile());
        TestImage image = new TestImage(picture, "crack", true, mask);
        MaskReader reader = MaskReader.of(
                Category.builder()
                        .name("a")
                        .folder(folder)
                        .train(List.of())
                        .test(List.of(image))
                        .build(),
                MaskOptions.DEFAULT);
        RgbImage upright = Images.readRgb(picture);
        Mask truth = reader.read(image, upright);
        assertEquals(orientation >= 5 ? height : width, truth.width());
        for (int i = 0; i < truth.marked().length; i++) {
            assertEquals(
                    (upright.rgb()[3 * i] & 0xFF) > 127,
                    truth.marked()[i],
                    "orientation " + orientation + ", pixel " + i);
        }
        if (orientation >= 5 && width != height) { // a mask drawn on the upright picture stays as it is
            BufferedImage turned = new BufferedImage(height, width, BufferedImage.TYPE_BYTE_GRAY);
            turned.getRaster().setSample(3, 20, 0, 255);
            ImageIO.write(turned, "png", mask.toFile());
            Mask kept = MaskReader.of(
                            Category.builder()
                                    .name("a")
                                    .folder(folder)
                                    .train(List.of())
                                    .test(List.of(image))
                                    .build(),
                            MaskOptions.DEFAULT)
                    .read(image, upright);
            assertTrue(kept.marked()[20 * height + 3] && kept.area() == 1);
        }
    }

    @ParameterizedTest
    @CsvSource({"HALF, 255", "HALF, 0", "REFERENCE, 255", "REFERENCE, 0"})
    void aMaskOfAnotherSizeIsNamedWhateverItMarks(MaskThreshold threshold, int level) throws IOException {
        MaskOptions options = new MaskOptions(threshold, MaskValues.AUTO, false);
        BufferedImage stored = new BufferedImage(32, 24, BufferedImage.TYPE_BYTE_GRAY);
        Path picture = folder.resolve("a.png");
        ImageIO.write(stored, "png", picture.toFile());
        BufferedImage other = new BufferedImage(24, 32, BufferedImage.TYPE_BYTE_GRAY);
        other.getRaster().setSample(3, 20, 0, level);
        Path mask = folder.resolve("a_mask.png");
        ImageIO.write(other, "png", mask.toFile());
        TestImage wrong = new TestImage(picture, "crack", true, mask);
        Category category = Category.builder()
                .name("a")
                .folder(folder)
                .train(List.of())
                .test(List.of(wrong, TestImage.good(picture)))
                .build();
        RgbImage read = Images.readRgb(picture);
        MaskReader reader = MaskReader.of(category, options);
        InvalidInputException refused = assertThrows(InvalidInputException.class, () -> reader.read(wrong, read));
        assertTrue(
                refused.getMessage().contains(mask.toString())
                        && refused.getMessage().contains("24x32"),
                refused.getMessage());
        assertThrows(InvalidInputException.class, () -> reader.at(wrong, read, Preparation.AREA.place(32, 24, 16)));

        UsableTestSet usable = UsableTestSet.of(category, options, Preparation.AREA, 16);
        assertEquals(List.of(wrong), List.copyOf(usable.problems().keySet()));
        assertEquals(List.of(TestImage.good(picture)), usable.category().test());
        assertTrue(
                usable.masks().empty().isEmpty(),
                "an image that is left out is not told as one whose mask marks nothing");
    }

    private static byte[] withOrientation(byte[] jpeg, int orientation) {
        byte[] exif = {
            (byte) 0xFF,
            (byte) 0xE1,
            0,
            34,
            'E',
            'x',
            'i',
            'f',
            0,
            0,
            'M',
            'M',
            0,
            42,
            0,
            0,
            0,
            8,
            0,
            1,
            1,
            0x12,
            0,
            3,
            0,
            0,
            0,
            1,
            0,
            (byte) orientation,
            0,
            0,
            0,
            0,
            0,
            0
        };
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(jpeg, 0, 2);
        out.writeBytes(exif);
        out.write(jpeg, 2, jpeg.length - 2);
        return out.toByteArray();
    }
}
