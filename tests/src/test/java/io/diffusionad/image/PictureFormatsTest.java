package io.diffusionad.image;

import io.diffusionad.error.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageOutputStream;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.Deflater;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** TIFF, WebP, PNM and the rarer kinds of BMP and JPEG: right values, and one sentence for damaged files. */
final class PictureFormatsTest {
    /** 5x4 pixels: red 3x+y, green 9y, blue x·y. */
    private static final byte[] LOSSLESS =
            Base64.getDecoder().decode("UklGRjAAAABXRUJQVlA4TCQAAAAvBMAAAJkyRPQ/NlH88vc/DGTSNn3n3/M0BIUAAqCgyQiNHXg=");

    private static final byte[] LOSSY = Base64.getDecoder()
            .decode("UklGRjIAAABXRUJQVlA4ICYAAADQAQCdASoFAAQAAUAmJZQCdAEO+xCgAAD+/vlkGfB/A1+E8hhAAA==");
    private static final byte[] TURNED = Base64.getDecoder()
            .decode("UklGRmQAAABXRUJQVlA4WAoAAAAIAAAABAAAAwAAVlA4TCQAAAAvBMAAAJkyRPQ/NlH88vc/DGTSNn3n3/M0BIUAAqCg"
                    + "yQiNHXhFWElGGgAAAE1NACoAAAAIAAEBEgADAAAAAQAGAAAAAAAA");

    /** A little-endian TIFF of one strip or tile. */
    private static byte[] tiff(int width, int height, int bits, byte[] data, int... more) {
        Map<Integer, Integer> tags =
                new TreeMap<>(Map.of(256, width, 257, height, 258, bits, 259, 1, 262, 1, 277, 1, 278, height));
        for (int i = 0; i < more.length; i += 2) {
            tags.put(more[i], more[i + 1]);
        }
        boolean tiled = tags.containsKey(322);
        int offset = 8 + 2 + 12 * (tags.size() + 2) + 4;
        tags.put(tiled ? 324 : 273, offset);
        tags.put(tiled ? 325 : 279, data.length);
        ByteBuffer file = ByteBuffer.allocate(offset + data.length).order(ByteOrder.LITTLE_ENDIAN);
        file.put(new byte[] {'I', 'I', 42, 0}).putInt(8).putShort((short) tags.size());
        tags.forEach((tag, value) ->
                file.putShort(tag.shortValue()).putShort((short) 4).putInt(1).putInt(value));
        return file.putInt(0).put(data).array();
    }

    private static int[] red(byte[] encoded) {
        RgbImage image = Images.decodeRgb(encoded, "picture");
        int[] red = new int[image.width() * image.height()];
        for (int i = 0; i < red.length; i++) {
            red[i] = image.rgb()[3 * i] & 0xFF;
        }
        return red;
    }

    private static byte[] little(int... shorts) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * shorts.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : shorts) {
            bytes.putShort((short) value);
        }
        return bytes.array();
    }

    private static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }

    @Test
    void tiffOfEightAndSixteenBitsDeflatedAndWithPredictor() throws IOException {
        assertArrayEquals(new int[] {0, 100, 255}, red(tiff(3, 1, 8, new byte[] {0, 100, (byte) 255})));
        assertArrayEquals(
                new int[] {255, 155, 0}, red(tiff(3, 1, 8, new byte[] {0, 100, (byte) 255}, 262, 0)), "white is zero");
        assertArrayEquals(new int[] {0, 0x12, 0xFF}, red(tiff(3, 1, 16, little(0, 0x1234, 0xFFFF))));
        assertArrayEquals(new int[] {7, 8, 10}, red(tiff(3, 1, 8, deflate(new byte[] {7, 1, 2}), 259, 8, 317, 2)));
        BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 1200; i++) {
            image.setRGB(i % 40, i / 40, i * 7919);
        }
        for (String compression : List.of("LZW", "Deflate", "PackBits")) {
            RgbImage read = Images.decodeRgb(write(image, "tiff", compression), compression);
            assertEquals(
                    1111 * 7919 & 0xFFFFFF,
                    read.channel(31, 27, 0) << 16 | read.channel(31, 27, 1) << 8 | read.channel(31, 27, 2),
                    compression);
        }
    }

    private static byte[] deflate(byte[] data) {
        Deflater deflater = new Deflater();
        deflater.setInput(data);
        deflater.finish();
        byte[] buffer = new byte[100];
        return Arrays.copyOf(buffer, deflater.deflate(buffer));
    }

    private static byte[] write(BufferedImage image, String format, String compression) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageWriteParam param = writer.getDefaultWriteParam();
        if (compression != null) {
            param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            param.setCompressionType(Arrays.stream(param.getCompressionTypes())
                    .filter(compression::equalsIgnoreCase)
                    .findFirst()
                    .orElseThrow());
        }
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), param);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    @Test
    void twelveBitsOfATiffAreItsFullRange() {
        byte[] packed = {0x00, 0x01, 0x23, (byte) 0x80, 0x0F, (byte) 0xFF}; // 0x000, 0x123, 0x800, 0xFFF
        assertArrayEquals(new int[] {0, 0x12, 0x80, 0xFF}, red(tiff(4, 1, 12, packed)));
    }

    @Test
    void tilesAndOrientationOfATiff() {
        byte[] tile = new byte[256];
        for (int i = 0; i < 35; i++) {
            tile[i / 7 * 16 + i % 7] = (byte) i;
        }
        int[] read = red(tiff(7, 5, 8, tile, 322, 16, 323, 16));
        for (int i = 0; i < 35; i++) {
            assertEquals(i, read[i]);
        }
        // Two rows of three, turned clockwise: three rows of two, the lower row first.
        assertArrayEquals(new int[] {4, 1, 5, 2, 6, 3}, red(tiff(3, 2, 8, new byte[] {1, 2, 3, 4, 5, 6}, 274, 6)));
    }

    /** Nothing says what samples outside 0 and 1 mean: the scan names the files, so that somebody can scale them. */
    @Test
    void stretchedSamplesAreFound(@TempDir Path folder) throws IOException {
        Path within = Files.write(folder.resolve("within.tif"), tiff(4, 1, 32, floats(0.2f, 0.2f, 0.2f, 0.4f), 339, 3));
        Path outside =
                Files.write(folder.resolve("outside.tif"), tiff(4, 1, 32, floats(-100, 0, 100, Float.NaN), 339, 3));
        Path whole = Files.write(folder.resolve("whole.tif"), tiff(3, 2, 8, new byte[] {1, 2, 3, 4, 5, 6}, 274, 6));
        assertEquals(
                List.of(outside), DepthScan.of(List.of(within, outside, whole)).stretched());
        assertEquals(16, DepthScan.of(List.of(outside)).bits());
        assertEquals(new PictureSize(4, 1), Images.size(within));
        assertEquals(new PictureSize(2, 3), Images.size(whole), "upright");
        Path cut = Files.write(folder.resolve("cut.png"), new byte[] {(byte) 0x89, 'P', 'N', 'G'});
        assertThrows(InvalidInputException.class, () -> Images.size(cut));
    }

    @Test
    void floatingPointWithinZeroAndOneIsTakenAsItIsElseStretched() {
        assertArrayEquals(new int[] {0, 128, 51, 255}, red(tiff(4, 1, 32, floats(0, 0.5f, 0.2f, 1), 339, 3)));
        assertArrayEquals(
                new int[] {51, 51, 51, 102},
                red(tiff(4, 1, 32, floats(0.2f, 0.2f, 0.2f, 0.4f), 339, 3)),
                "not stretched");
        assertArrayEquals(new int[] {0, 128, 255, 0}, red(tiff(4, 1, 32, floats(-100, 0, 100, Float.NaN), 339, 3)));
        assertArrayEquals(
                new int[] {0, 255}, red(tiff(2, 1, 16, little(-5, 100), 339, 2)), "whole numbers with a sign");
    }

    @Test
    void colorsOfPrintAreRefused() {
        assertTrue(message(tiff(1, 1, 8, new byte[4], 262, 5, 277, 4)).contains("neither grey nor RGB"));
    }

    @Test
    void webpWithAndWithoutLoss() {
        RgbImage image = Images.decodeRgb(LOSSLESS, "a.webp");
        RgbImage turned = Images.decodeRgb(TURNED, "b.webp");
        assertEquals(4, turned.width());
        for (int y = 0; y < 4; y++) {
            for (int x = 0; x < 5; x++) {
                assertEquals(3 * x + y, image.channel(x, y, 0));
                assertEquals(9 * y, image.channel(x, y, 1));
                assertEquals(x * y, image.channel(x, y, 2));
                assertEquals(9 * y, turned.channel(3 - y, x, 1), "its EXIF data says: turn");
                assertEquals(9 * y, Images.decodeRgb(LOSSY, "c.webp").channel(x, y, 1), 12);
            }
        }
    }

    @Test
    void pnmInBytesAndInText() {
        assertArrayEquals(new int[] {1, 250}, red(ascii("P3\n2 1\n255\n1 2 3 250 251 252\n")));
        assertArrayEquals(new int[] {0, 119, 255}, red(ascii("P2 # seven of fifteen\n3 1\n15\n0 7 15")));
        assertArrayEquals(new int[] {255, 0, 255}, red(ascii("P1\n3 1\n010")), "1 is black");
        assertArrayEquals(new int[] {65, 66}, red(ascii("P5\n2 1\n255\nAB")));
        assertArrayEquals(new int[] {65}, red(ascii("P6\n1 1\n255\nABC")));
        ByteBuffer twelve = ByteBuffer.allocate(17)
                .put(ascii("P5 3 1 4095\n"))
                .putShort((short) 0x123)
                .putShort((short) 0xFFF);
        assertTrue(message(twelve.array()).contains("truncated"));
        ByteBuffer whole = ByteBuffer.allocate(16)
                .put(ascii("P5 2 1 4095\n"))
                .putShort((short) 0x123)
                .putShort((short) 0xFFF);
        assertArrayEquals(new int[] {0x12, 0xFF}, red(whole.array()));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 6})
    void bmpOfSixteenBitsIsAsBrightAsInOpenCv(int greenBits) {
        int header = 14 + 40 + 12;
        ByteBuffer bmp = ByteBuffer.allocate(header + 4).order(ByteOrder.LITTLE_ENDIAN);
        bmp.put(ascii("BM"))
                .putInt(header + 4)
                .putInt(0)
                .putInt(header)
                .putInt(40)
                .putInt(2)
                .putInt(1)
                .putShort((short) 1)
                .putShort((short) 16);
        bmp.putInt(greenBits == 5 ? 0 : 3)
                .putInt(4)
                .putInt(0)
                .putInt(0)
                .putInt(0)
                .putInt(0);
        int shift = 5 + greenBits;
        bmp.putInt(0x1F << shift).putInt((1 << greenBits) - 1 << 5).putInt(0x1F);
        bmp.putShort((short) (31 << shift | 10 << 5 | 3)).putShort((short) (1 << shift | (1 << greenBits) - 1 << 5));
        RgbImage image = Images.decodeRgb(bmp.array(), "five-bits.bmp");
        int green = 8 - greenBits;
        assertArrayEquals(
                new int[] {31 << 3, 10 << green, 3 << 3},
                new int[] {image.channel(0, 0, 0), image.channel(0, 0, 1), image.channel(0, 0, 2)});
        assertArrayEquals(
                new int[] {1 << 3, (1 << greenBits) - 1 << green, 0},
                new int[] {image.channel(1, 0, 0), image.channel(1, 0, 1), image.channel(1, 0, 2)});
    }

    private static byte[] jpeg() throws IOException {
        BufferedImage image = new BufferedImage(48, 32, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 48 * 32; i++) {
            image.setRGB(i % 48, i / 48, i % 48 * 5 << 16 | i / 48 * 7 << 8 | 90);
        }
        return write(image, "jpeg", null);
    }

    private static byte[] insert(byte[] into, int at, int... bytes) {
        byte[] result = new byte[into.length + bytes.length];
        System.arraycopy(into, 0, result, 0, at);
        for (int i = 0; i < bytes.length; i++) {
            result[at + i] = (byte) bytes[i];
        }
        System.arraycopy(into, at, result, at + bytes.length, into.length - at);
        return result;
    }

    private static int marker(byte[] jpeg, int code) {
        for (int i = 0; i < jpeg.length - 1; i++) {
            if (jpeg[i] == (byte) 0xFF && (jpeg[i + 1] & 0xFF) == code) {
                return i;
            }
        }
        throw new AssertionError("no marker " + code);
    }

    @Test
    void bytesBetweenTheSegmentsOfAJpegAreSkipped() throws IOException {
        byte[] clean = jpeg();
        byte[] expected = Images.decodeRgb(clean, "clean").rgb();
        for (int code : new int[] {0xDB, 0xC0, 0xC4, 0xDA}) {
            int at = marker(clean, code);
            assertArrayEquals(
                    expected,
                    Images.decodeRgb(insert(clean, at, 0xFF, 0xFF, 0xFF), "fill bytes")
                            .rgb());
            assertArrayEquals(
                    expected,
                    Images.decodeRgb(insert(clean, at, 0x12, 0x34), "stray bytes")
                            .rgb());
        }
        int end = marker(clean, 0xD9);
        assertArrayEquals(
                expected,
                Images.decodeRgb(insert(clean, end, 0xFF, 0xFF), "fill bytes at the end")
                        .rgb());
        assertTrue(message(Arrays.copyOf(clean, clean.length - 2)).contains("truncated"));
        assertTrue(message(Arrays.copyOf(clean, clean.length / 2)).contains("truncated"));
    }

    @Test
    void segmentsShorterThanTheirLengthAreASentence() throws IOException {
        for (int length : new int[] {0, 1}) {
            String message = message(insert(jpeg(), 2, 0xFF, 0xE1, 0, length));
            assertTrue(message.contains("damaged") && message.contains("shorter than its own length"), message);
        }
        byte[] clean = jpeg();
        byte[] expected = Images.decodeRgb(clean, "clean").rgb();
        for (int length = 2; length < 24; length++) {
            int[] segment = new int[2 + length];
            segment[0] = 0xFF;
            segment[1] = 0xE1;
            segment[3] = length;
            assertArrayEquals(
                    expected,
                    Images.decodeRgb(insert(clean, 2, segment), "APP1 of " + length)
                            .rgb());
        }
    }

    @Test
    void truncatedAndDamagedFilesAreASentence() throws IOException {
        List<byte[]> files = new ArrayList<>(List.of(
                LOSSLESS,
                LOSSY,
                ascii("P6\n2 2\n255\nABCABCABCABC"),
                ascii("P2\n3 1\n9\n1 2 3"),
                tiff(3, 2, 8, new byte[6]),
                tiff(4, 1, 32, floats(1, 2, 3, 4), 339, 3)));
        for (byte[] file : files) {
            for (int cut = 3; cut < file.length; cut++) {
                byte[] part = Arrays.copyOf(file, cut);
                assertNotNull(message(part), "cut to " + cut);
            }
            for (int at = 0; at < file.length; at++) {
                byte[] damaged = file.clone();
                damaged[at] ^= 0x55;
                try {
                    Images.decodeRgb(damaged, "damaged");
                } catch (InvalidInputException e) {
                    assertTrue(e.getMessage().contains("image damaged"), e.getMessage());
                }
            }
        }
    }

    @Test
    void absurdSizesAreRefusedBeforeDecoding() {
        assertTrue(message(tiff(100_000, 100_000, 8, new byte[10])).contains("more than the limit of 100 million"));
        assertTrue(message(ascii("P5\n100000 100000\n255\nA")).contains("truncated"));
    }

    @Test
    void theHostsDecodersDoNotMatterAndAreNotTouched() throws IOException {
        byte[] jpeg = jpeg();
        byte[] tiff = write(new BufferedImage(20, 20, BufferedImage.TYPE_INT_RGB), "tiff", "JPEG");
        byte[] expected = Images.decodeRgb(jpeg, "a").rgb();
        IIORegistry registry = IIORegistry.getDefaultInstance();
        List<ImageReaderSpi> ours = new ArrayList<>();
        registry.getServiceProviders(
                        ImageReaderSpi.class,
                        candidate -> candidate.getClass().getName().startsWith("com.twelvemonkeys"),
                        false)
                .forEachRemaining(ours::add);
        ours.forEach(registry::deregisterServiceProvider);
        try {
            List<String> before = readers(registry);
            assertArrayEquals(expected, Images.decodeRgb(jpeg, "a").rgb());
            assertArrayEquals(new int[] {0, 100}, red(tiff(2, 1, 8, new byte[] {0, 100})));
            assertEquals(20, Images.decodeRgb(tiff, "jpeg.tif").width());
            assertEquals(5, Images.decodeRgb(LOSSLESS, "a.webp").width());
            assertEquals(before, readers(registry));
        } finally {
            ours.forEach(registry::registerServiceProvider);
        }
    }

    private static List<String> readers(IIORegistry registry) {
        List<String> names = new ArrayList<>();
        registry.getServiceProviders(ImageReaderSpi.class, true)
                .forEachRemaining(reader -> names.add(reader.getClass().getName()));
        return names;
    }

    @Test
    void theJpegDecoderIsTold() {
        assertTrue(JpegDecoder.description().contains(System.getProperty("java.vendor")), JpegDecoder.description());
        assertEquals(JpegDecoder.isLikeOpenCv(), JpegDecoder.description().contains("in every sampling"));
    }

    private static String message(byte[] encoded) {
        return assertThrows(InvalidInputException.class, () -> Images.decodeRgb(encoded, "picture"))
                .getMessage();
    }
}
