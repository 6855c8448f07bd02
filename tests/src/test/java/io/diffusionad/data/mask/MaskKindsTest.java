package io.diffusionad.data.mask;

import io.diffusionad.data.Category;
import io.diffusionad.data.MaskThreshold;
import io.diffusionad.data.TestImage;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.image.RgbImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import javax.imageio.ImageIO;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntBinaryOperator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** One marking, stored in every way that masks are stored in: the truth is always the same. */
class MaskKindsTest {
    private static final int WIDTH = 40;
    private static final int HEIGHT = 30;
    private static final RgbImage PICTURE = new RgbImage(WIDTH, HEIGHT, new byte[3 * WIDTH * HEIGHT]);

    @TempDir
    Path folder;

    private final List<TestImage> images = new ArrayList<>();

    /** Two rectangles, one of them a single pixel. */
    private static boolean marked(int x, int y) {
        return x >= 10 && x < 25 && y >= 5 && y < 12 || x == 33 && y == 21;
    }

    private static boolean[] truth() {
        boolean[] truth = new boolean[WIDTH * HEIGHT];
        for (int i = 0; i < truth.length; i++) {
            truth[i] = marked(i % WIDTH, i / WIDTH);
        }
        return truth;
    }

    private TestImage add(BufferedImage mask, String type) {
        Path file = folder.resolve(images.size() + "_mask." + type);
        try {
            assertTrue(ImageIO.write(mask, type, file.toFile()), type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        TestImage image = new TestImage(folder.resolve(images.size() + ".png"), "crack", true, file);
        try {
            if (!Files.exists(image.image())) {
                ImageIO.write(
                        new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY),
                        "png",
                        image.image().toFile());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        images.add(image);
        return image;
    }

    private static BufferedImage paint(int type, IntBinaryOperator argb) {
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, type);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                image.setRGB(x, y, argb.applyAsInt(x, y));
            }
        }
        return image;
    }

    private static BufferedImage samples(BufferedImage image, IntBinaryOperator value) {
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                image.getRaster().setSample(x, y, 0, value.applyAsInt(x, y));
            }
        }
        return image;
    }

    private static BufferedImage grey(int value) {
        return samples(
                new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY), (x, y) -> marked(x, y) ? value : 0);
    }

    private static BufferedImage palette(int... rgb) {
        byte[][] channels = new byte[3][rgb.length];
        for (int i = 0; i < rgb.length; i++) {
            channels[0][i] = (byte) (rgb[i] >> 16);
            channels[1][i] = (byte) (rgb[i] >> 8);
            channels[2][i] = (byte) rgb[i];
        }
        IndexColorModel colors = new IndexColorModel(8, rgb.length, channels[0], channels[1], channels[2]);
        return samples(
                new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_INDEXED, colors),
                (x, y) -> marked(x, y) ? 1 : 0);
    }

    private MaskReader reader(MaskOptions options) {
        return MaskReader.of(
                Category.builder()
                        .name("nut")
                        .folder(folder)
                        .train(List.of())
                        .test(images)
                        .build(),
                options);
    }

    private MaskReader assertAllTrue() {
        MaskReader reader = reader(MaskOptions.DEFAULT);
        for (TestImage image : images) {
            assertArrayEquals(
                    truth(), reader.read(image, PICTURE).marked(), image.masks() + ", " + reader.description());
        }
        assertEquals(List.of(), reader.empty());
        return reader;
    }

    @Test
    void oneKindOfThreeMayHoldOnes() {
        add(grey(255), "png");
        add(grey(1), "png");
        add(grey(244), "png");
        assertEquals(
                "masks: 0, 1, 244 and 255, any value above 0 is a defect",
                assertAllTrue().description());
    }

    @Test
    void classNumbersAreDefectsHoweverSmall() {
        int[] classes = {1, 2, 3, 236, 240, 255};
        for (int high = 0; high < 2; high++) {
            int first = 3 * high;
            add(
                    samples(
                            new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY),
                            (x, y) -> marked(x, y) ? classes[first + x % 3 * (x / 30)] : 0),
                    "png");
            add(
                    samples(
                            new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY),
                            (x, y) -> !marked(x, y) ? 0 : classes[first + (x < 14 ? 0 : x < 19 ? 1 : 2)]),
                    "png");
        }
        add(
                samples(
                        new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY),
                        (x, y) -> !marked(x, y) ? 0 : x < 14 ? 20 : x < 19 ? 120 : 250),
                "png");
        assertAllTrue();
    }

    @Test
    void sixteenBitsKeepSmallNumbers() {
        add(
                samples(
                        new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_USHORT_GRAY),
                        (x, y) -> marked(x, y) ? 3 : 0),
                "png");
        add(
                samples(
                        new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_USHORT_GRAY),
                        (x, y) -> marked(x, y) ? 65535 : 0),
                "png");
        assertAllTrue();
    }

    @Test
    void palettesGoByColorAndByIndexWhereColorsAreEqual() {
        add(palette(0x000000, 0x800000), "png");
        add(palette(0x000000, 0x000080, 0xFF0000), "png");
        assertEquals(
                "masks: in color on #000000, any other color is a defect",
                assertAllTrue().description());
        images.clear();
        add(palette(0, 0, 0), "png");
        assertEquals(
                "masks: palette indices, any but 0 is a defect", assertAllTrue().description());
        images.clear();
        add(palette(0x000000, 0x010101), "png");
        assertAllTrue();
    }

    @Test
    void colorsDifferFromTheBackgroundWhateverItIs() {
        add(paint(BufferedImage.TYPE_INT_RGB, (x, y) -> marked(x, y) ? 0xFF0000 : 0), "png");
        add(paint(BufferedImage.TYPE_INT_RGB, (x, y) -> marked(x, y) ? x < 15 ? 0x0000FF : 0x00FF00 : 0), "png");
        assertAllTrue();
        images.clear();
        add(paint(BufferedImage.TYPE_INT_RGB, (x, y) -> marked(x, y) ? 0xFF0000 : 0xFFFFFF), "png");
        add(paint(BufferedImage.TYPE_3BYTE_BGR, (x, y) -> marked(x, y) ? 0x0000FF : 0xFFFFFF), "bmp");
        assertEquals(
                "masks: in color on #ffffff, any other color is a defect",
                assertAllTrue().description());
    }

    @Test
    void alphaDecidesWhereTheColorIsOneAndIsIgnoredWhereItIsOpaque() {
        add(paint(BufferedImage.TYPE_INT_ARGB, (x, y) -> marked(x, y) ? 0xFFFFFFFF : 0x00FFFFFF), "png");
        add(paint(BufferedImage.TYPE_INT_ARGB, (x, y) -> marked(x, y) ? 0xFF000000 : 0), "png");
        add(paint(BufferedImage.TYPE_INT_ARGB, (x, y) -> marked(x, y) ? 0xFFFF0000 : 0x00123456), "png");
        assertEquals(
                "masks: with alpha, whatever is not transparent is a defect",
                assertAllTrue().description());
        images.clear();
        add(paint(BufferedImage.TYPE_INT_ARGB, (x, y) -> marked(x, y) ? 0xFFFFFFFF : 0xFF000000), "png");
        add(paint(BufferedImage.TYPE_INT_ARGB, (x, y) -> marked(x, y) ? 0x80FFFFFF : 0x80000000), "png");
        assertAllTrue();
    }

    @Test
    void aBackgroundThatIsNeverBlackIsTheBordersValue() {
        add(
                samples(new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY), (x, y) -> marked(x, y) ? 2 : 1),
                "png");
        assertEquals(
                "masks: 1 and 2, any value but 1 is a defect", assertAllTrue().description());
    }

    @Test
    void aMaskThatIsAllWhiteIsAllDefect() {
        TestImage all =
                add(samples(new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY), (x, y) -> 255), "png");
        assertEquals(
                WIDTH * HEIGHT, reader(MaskOptions.DEFAULT).read(all, PICTURE).area());
        add(grey(1), "png");
        assertEquals(
                WIDTH * HEIGHT, reader(MaskOptions.DEFAULT).read(all, PICTURE).area());
    }

    @Test
    void softEdgesCountFromHalfOfTheMasksOwnMaximum() {
        for (int maximum : new int[] {255, 100}) {
            BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY);
            Graphics2D pen = image.createGraphics();
            pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            pen.setColor(Color.WHITE);
            pen.fill(new Ellipse2D.Double(8.3, 6.6, 17.5, 15.2));
            pen.dispose();
            BufferedImage scaled = samples(
                    new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY),
                    (x, y) -> Math.round(image.getRaster().getSample(x, y, 0) * maximum / 255f));
            TestImage file = add(scaled, "png");
            MaskReader reader = reader(MaskOptions.DEFAULT);
            assertEquals("masks: soft edges, a defect from half of each mask's own maximum on", reader.description());
            boolean[] marked = reader.read(file, PICTURE).marked();
            for (int i = 0; i < marked.length; i++) {
                assertEquals(
                        2 * scaled.getRaster().getSample(i % WIDTH, i / WIDTH, 0) >= maximum, marked[i], "pixel " + i);
            }
        }
    }

    @Test
    void jpegMasksRing() {
        BufferedImage wide = samples(
                new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY),
                (x, y) -> x >= 10 && x < 25 && y >= 5 && y < 12 ? 255 : 0);
        TestImage image = add(wide, "jpg");
        MaskReader reader = reader(MaskOptions.DEFAULT);
        assertEquals("masks: JPEG, a defect from half of each mask's own maximum on", reader.description());
        assertEquals(15 * 7, reader.read(image, PICTURE).area());
    }

    @Test
    void severalMasksAreUnited() {
        add(
                samples(
                        new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY),
                        (x, y) -> marked(x, y) && x < 20 ? 253 : 0),
                "png");
        add(
                samples(
                        new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY),
                        (x, y) -> marked(x, y) && x >= 20 ? 7 : 0),
                "png");
        TestImage both = new TestImage(
                images.get(0).image(),
                "crack",
                true,
                List.of(images.get(0).masks().get(0), images.get(1).masks().get(0)));
        images.clear();
        images.add(both);
        assertAllTrue();
    }

    @Test
    void theUserOverrides() {
        add(
                samples(
                        new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY),
                        (x, y) -> marked(x, y) ? 7 : x % 3),
                "png");
        MaskReader reader = reader(new MaskOptions(MaskThreshold.HALF, MaskValues.parse("5-9, 200"), false));
        assertEquals("masks: values 5-9, 200 are a defect (--mask-values 5-9, 200)", reader.description());
        assertArrayEquals(truth(), reader.read(images.get(0), PICTURE).marked());
        assertArrayEquals(
                truth(),
                reader(new MaskOptions(MaskThreshold.HALF, MaskValues.parse("half"), false))
                        .read(images.get(0), PICTURE)
                        .marked());
        long any = reader(new MaskOptions(MaskThreshold.HALF, MaskValues.parse("any"), false))
                .read(images.get(0), PICTURE)
                .area();
        assertTrue(any > 2 * WIDTH * HEIGHT / 3 - 20, any + " pixels");
        images.clear();
        add(paint(BufferedImage.TYPE_INT_RGB, (x, y) -> marked(x, y) ? 0xFF0000 : x < 20 ? 0x00FF00 : 0), "png");
        assertArrayEquals(
                truth(),
                reader(new MaskOptions(MaskThreshold.HALF, MaskValues.parse("#ff0000"), false))
                        .read(images.get(0), PICTURE)
                        .marked());
        for (String wrong : new String[] {"", "white", "3-1", "1,,2", "#ff"}) {
            assertThrows(InvalidInputException.class, () -> MaskValues.parse(wrong), wrong);
        }
    }

    @Test
    void aMaskThatMarksNothingIsNamedAndWithheld() {
        TestImage empty = add(grey(0), "png");
        add(grey(1), "png");
        MaskReader reader = reader(MaskOptions.DEFAULT);
        assertEquals(List.of(empty), reader.empty());
        assertTrue(
                reader.remark().contains("0_mask.png of the defective image " + empty.image() + " marks nothing"),
                reader.remark());
        assertTrue(reader.read(empty, PICTURE) == null);
        MaskReader accepting = reader(new MaskOptions(MaskThreshold.HALF, MaskValues.AUTO, true));
        assertEquals(0, accepting.read(empty, PICTURE).area());
        assertEquals("", accepting.remark());
    }

    @Test
    void theReferenceCountsFullWhiteOnly() {
        TestImage white = add(grey(255), "png");
        TestImage one = add(grey(1), "png");
        MaskReader reader = reader(new MaskOptions(MaskThreshold.REFERENCE));
        assertArrayEquals(truth(), reader.read(white, PICTURE).marked());
        assertEquals(List.of(one), reader.empty());
        assertTrue(reader.remark().contains("--mask-threshold half"), reader.remark());
    }

    @Test
    void sizesThatDifferNameBothFiles() {
        TestImage image = add(grey(255), "png");
        RgbImage other = new RgbImage(30, 40, new byte[3 * 1200]);
        String message = assertThrows(InvalidInputException.class, () -> reader(MaskOptions.DEFAULT)
                        .read(image, other))
                .getMessage();
        assertTrue(message.contains("0_mask.png is 40x30") && message.contains("0.png is 30x40"), message);
    }
}
