package io.diffusionad.image;

import io.diffusionad.error.InvalidInputException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import javax.imageio.ImageIO;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ImagesTest {
    @TempDir
    Path folder;

    private RgbImage picture;

    @BeforeEach
    void paint() {
        byte[] rgb = new byte[3 * 37 * 21];
        new Random(5).nextBytes(rgb);
        picture = new RgbImage(37, 21, rgb);
    }

    private byte[] encode(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        assertTrue(ImageIO.write(image, format, bytes), "no writer for " + format);
        return bytes.toByteArray();
    }

    private static String message(byte[] encoded) {
        return assertThrows(InvalidInputException.class, () -> Images.decodeRgb(encoded, "part 7.png"))
                .getMessage();
    }

    @Test
    void pngComesBackAsWritten() {
        PngWriter.write(folder.resolve("a/b/c.png"), picture);
        assertArrayEquals(
                picture.rgb(), Images.readRgb(folder.resolve("a/b/c.png")).rgb());
        GreyImage grey = ColorConversion.grey(picture);
        PngWriter.write(folder.resolve("grey.png"), grey);
        assertArrayEquals(
                grey.grey(),
                Images.readGrey(folder.resolve("grey.png")).grey(),
                "grey must not pass through a linear-light conversion");
        assertArrayEquals(
                grey.toRgb().rgb(), Images.readRgb(folder.resolve("grey.png")).rgb());
    }

    @Test
    void bmpComesBackAsWritten() throws IOException {
        BufferedImage image = new BufferedImage(37, 21, BufferedImage.TYPE_3BYTE_BGR);
        image.createGraphics().drawImage(PngWriter.toBufferedImage(picture), 0, 0, null);
        assertArrayEquals(
                picture.rgb(), Images.decodeRgb(encode(image, "bmp"), "x").rgb());
    }

    @Test
    void jpegComesBackNearly() throws IOException {
        byte[] rgb = new byte[3 * 32 * 32];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (100 + i / 96 + i % 3 * 20);
        }
        RgbImage smooth = new RgbImage(32, 32, rgb);
        RgbImage back = Images.decodeRgb(encode(PngWriter.toBufferedImage(smooth), "jpeg"), "x");
        for (int i = 0; i < rgb.length; i++) {
            assertEquals(rgb[i] & 0xFF, back.rgb()[i] & 0xFF, 4);
        }
    }

    @Test
    void sixteenBitsKeepTheirUpperByte() throws IOException {
        BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_USHORT_GRAY);
        image.getRaster().setPixels(0, 0, 3, 1, new int[] {0x12FF, 0x8000, 0xFFFF});
        assertArrayEquals(
                new byte[] {0x12, (byte) 0x80, (byte) 0xFF},
                ColorConversion.grey(Images.decodeRgb(encode(image, "png"), "x"))
                        .grey());
    }

    @Test
    void sixteenBitColourWithAlphaIsRead() throws IOException {
        ComponentColorModel model = new ComponentColorModel(
                ColorSpace.getInstance(ColorSpace.CS_sRGB),
                true,
                false,
                Transparency.TRANSLUCENT,
                DataBuffer.TYPE_USHORT);
        WritableRaster raster = model.createCompatibleWritableRaster(1, 1);
        raster.setPixel(0, 0, new int[] {0x1000, 0x2000, 0x30FF, 0x0000});
        assertArrayEquals(
                new byte[] {0x10, 0x20, 0x30},
                Images.decodeRgb(encode(new BufferedImage(model, raster, false, null), "png"), "x")
                        .rgb());
    }

    @Test
    void alphaIsDropped() throws IOException {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x00123456);
        image.setRGB(1, 0, 0x80FEDCBA);
        assertArrayEquals(
                new byte[] {0x12, 0x34, 0x56, (byte) 0xFE, (byte) 0xDC, (byte) 0xBA},
                Images.decodeRgb(encode(image, "png"), "x").rgb());
    }

    @Test
    void palettesAreLookedUp() throws IOException {
        byte[] levels = {10, (byte) 200, 77, 0};
        BufferedImage image = new BufferedImage(
                4, 1, BufferedImage.TYPE_BYTE_BINARY, new IndexColorModel(2, 4, levels, levels, levels));
        image.getRaster().setPixels(0, 0, 4, 1, new int[] {0, 1, 2, 3});
        assertArrayEquals(
                levels,
                ColorConversion.grey(Images.decodeRgb(encode(image, "png"), "x"))
                        .grey());
    }

    @Test
    void cmykJpegIsRead() throws IOException {
        RgbImage image = Images.decodeRgb(
                getClass().getResourceAsStream("/imaging/cmyk.jpg").readAllBytes(), "cmyk.jpg");
        assertEquals(16, image.width());
        assertTrue(
                image.channel(4, 8, 0) > 150 && image.channel(4, 8, 2) < 110,
                "left half is red, not " + image.channel(4, 8, 0) + " " + image.channel(4, 8, 2));
        assertTrue(image.channel(12, 8, 2) > 110 && image.channel(12, 8, 0) < 110, "right half is blue");
    }

    @Test
    void aCamerasOrientationIsApplied() throws IOException {
        BufferedImage wide = new BufferedImage(32, 16, BufferedImage.TYPE_INT_RGB);
        for (int x = 0; x < 16; x++) {
            for (int y = 0; y < 16; y++) {
                wide.setRGB(x, y, 0xFFFFFF); // the left half is white
            }
        }
        RgbImage upright = Images.decodeRgb(withOrientation(encode(wide, "jpeg"), 6), "x"); // turn a quarter clockwise
        assertEquals(16, upright.width());
        assertEquals(32, upright.height());
        assertTrue(upright.channel(8, 4, 0) > 240 && upright.channel(8, 28, 0) < 15, "left must have become up");
    }

    /** Inserts an EXIF segment right after the start-of-image marker. */
    private static byte[] withOrientation(byte[] jpeg, int code) {
        ByteBuffer exif = ByteBuffer.allocate(36);
        exif.putShort((short) 0xFFE1).putShort((short) 34).putInt(0x45786966).putShort((short) 0);
        exif.putInt(0x4D4D002A)
                .putInt(8)
                .putShort((short) 1)
                .putShort((short) 0x0112)
                .putShort((short) 3)
                .putInt(1)
                .putShort((short) code)
                .putShort((short) 0)
                .putInt(0);
        byte[] result = new byte[jpeg.length + 36];
        System.arraycopy(jpeg, 0, result, 0, 2);
        System.arraycopy(exif.array(), 0, result, 2, 36);
        System.arraycopy(jpeg, 2, result, 38, jpeg.length - 2);
        return result;
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg", "bmp"})
    void everyTruncationIsNoticed(String format) throws IOException {
        BufferedImage image = new BufferedImage(37, 21, BufferedImage.TYPE_3BYTE_BGR);
        image.createGraphics().drawImage(PngWriter.toBufferedImage(picture), 0, 0, null);
        byte[] whole = encode(image, format);
        for (int length = 40; length < whole.length - 2; length += 61) {
            String message = message(Arrays.copyOf(whole, length));
            assertTrue(message.contains("part 7.png") && message.contains("truncated"), message);
        }
    }

    @Test
    void aFlippedBitInAPngIsNoticed() {
        byte[] png = PngWriter.encode(picture);
        for (int at : new int[] {20, 60, png.length / 2, png.length - 20}) {
            byte[] damaged = png.clone();
            damaged[at] ^= 4;
            assertTrue(message(damaged).matches(".*part 7.png is (damaged|truncated).*"), "byte " + at);
        }
    }

    @Test
    void emptyForeignAndMissingFilesAreNamed() throws IOException {
        assertTrue(message(new byte[0]).contains("is empty"));
        assertTrue(message("GIF89a....".getBytes()).contains("not PNG, JPEG, TIFF, WebP, BMP or PNM"));
        Path file = Files.createFile(folder.resolve("nothing.png"));
        assertTrue(assertThrows(InvalidInputException.class, () -> Images.readRgb(file))
                .getMessage()
                .contains("nothing.png is empty"));
        Path missing = folder.resolve("gone.png");
        assertTrue(assertThrows(InvalidInputException.class, () -> Images.readRgb(missing))
                .getMessage()
                .contains("gone.png does not exist"));
        assertThrows(InvalidInputException.class, () -> Images.readRgb(folder));
    }

    @Test
    void absurdSizesAreRefusedBeforeDecoding() {
        byte[] png = PngWriter.encode(picture);
        ByteBuffer.wrap(png).putInt(16, 2_000_000).putInt(20, 2_000_000);
        CRC32 crc = new CRC32();
        crc.update(png, 12, 17);
        ByteBuffer.wrap(png).putInt(29, (int) crc.getValue());
        assertTrue(message(png).contains("2000000x2000000 pixels"));
    }

    @Test
    void anUnwritableFileIsNamed() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        String message = assertThrows(
                        InvalidInputException.class, () -> PngWriter.write(file.resolve("x.png"), picture))
                .getMessage();
        assertTrue(message.contains("x.png") && message.contains("folder is needed"), message);
    }

    @Test
    void sizesMustFitTheBytes() {
        assertThrows(IllegalArgumentException.class, () -> new RgbImage(2, 2, new byte[11]));
        assertThrows(IllegalArgumentException.class, () -> new GreyImage(0, 2, new byte[0]));
    }
}
