package io.diffusionad.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.diffusionad.image.GreyImage;
import io.diffusionad.image.PngWriter;
import io.diffusionad.image.RgbImage;
import io.diffusionad.random.PhiloxRandom;
import io.diffusionad.random.Purpose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** {@code data check}: a data set without blame, and one with every kind of fault. */
class DataCheckTest {
    private static final int WIDTH = 120;
    private static final int HEIGHT = 90;

    @TempDir
    private Path folder;

    private Path set;

    @BeforeEach
    void dataSet() {
        set = folder.resolve("parts");
        for (int i = 0; i < 8; i++) {
            PngWriter.write(set.resolve("train/good/" + i + ".png"), part(i));
        }
        for (int i = 0; i < 3; i++) {
            PngWriter.write(set.resolve("test/good/" + i + ".png"), part(20 + i));
            PngWriter.write(set.resolve("test/hole/" + i + ".png"), part(40 + i));
            PngWriter.write(set.resolve("ground_truth/hole/" + i + "_mask.png"), mask(30 + i));
        }
    }

    /**
     * The same part in a fixture: rings whose brightness differs a little from part to part, a few spots elsewhere each
     * time, and noise.
     */
    private static RgbImage part(int number) {
        PhiloxRandom random = new PhiloxRandom(5, Purpose.TEST, number);
        int[] spots = new int[24];
        for (int i = 0; i < spots.length; i++) {
            spots[i] = random.nextInt(i % 2 == 0 ? WIDTH : HEIGHT);
        }
        byte[] rgb = new byte[3 * WIDTH * HEIGHT];
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            int x = i % WIDTH;
            int y = i / WIDTH;
            double level = 110 + 50 * Math.sin(Math.hypot(x - 60, y - 45) / 6);
            for (int s = 0; s < spots.length; s += 2) {
                level += 60 * Math.exp(-(Math.pow(x - spots[s], 2) + Math.pow(y - spots[s + 1], 2)) / 30);
            }
            for (int c = 0; c < 3; c++) {
                rgb[3 * i + c] = (byte) Math.max(0, Math.min(255, Math.round(level + c * 5 + random.nextInt(7))));
            }
        }
        return new RgbImage(WIDTH, HEIGHT, rgb);
    }

    /** One marked region of so many pixels, and a large one. */
    private static GreyImage mask(int pixels) {
        byte[] grey = new byte[WIDTH * HEIGHT];
        for (int i = 0; i < pixels; i++) {
            grey[10 * WIDTH + 10 + i] = (byte) 255;
        }
        for (int i = 0; i < 400 && pixels > 0; i++) {
            grey[(50 + i / 20) * WIDTH + 50 + i % 20] = (byte) 255;
        }
        return new GreyImage(WIDTH, HEIGHT, grey);
    }

    private static RgbImage constant(int width, int height, int level) {
        byte[] rgb = new byte[3 * width * height];
        java.util.Arrays.fill(rgb, (byte) level);
        return new RgbImage(width, height, rgb);
    }

    private static void writeJpeg(Path file, RgbImage image, float quality) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ImageWriteParam parameters = writer.getDefaultWriteParam();
        parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        parameters.setCompressionQuality(quality);
        Files.createDirectories(file.getParent());
        try (var out = ImageIO.createImageOutputStream(file.toFile())) {
            writer.setOutput(out);
            writer.write(null, new IIOImage(PngWriter.toBufferedImage(image), null, null), parameters);
        } finally {
            writer.dispose();
        }
    }

    private static RgbImage brighter(RgbImage image) {
        byte[] rgb = image.rgb().clone();
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) Math.min(255, Math.round((rgb[i] & 0xFF) * 1.1 + 4));
        }
        return new RgbImage(image.width(), image.height(), rgb);
    }

    private JsonNode report(Program program) throws IOException {
        return new ObjectMapper().readTree(program.out());
    }

    private List<String> findings(JsonNode report, String kind) {
        List<String> files = new ArrayList<>();
        for (JsonNode finding : report.get("categories").get(0).get("findings")) {
            if (finding.get("kind").asText().equals(kind)) {
                files.add(set.relativize(Path.of(finding.get("file").asText())).toString());
            }
        }
        return files;
    }

    @Test
    void aGoodDataSetIsCountedAndHasNoFindings() throws Exception {
        PngWriter.write(set.resolve("DISthresh/good/0.png"), mask(50)); // the original program's foregrounds have a use
        Program program = Program.run("data", "check", set, "--image-size", 30).succeeds();
        assertTrue(program.out().contains("is taken for: MVTec"), program.out());
        assertTrue(
                program.out().contains("parts: 8 train, 3 good and 3 defective test pictures (hole 3)"), program.out());
        assertTrue(program.out().contains("120x90; 8-bit color"), program.out());
        assertTrue(program.out().contains("nothing to look at"), program.out());
        assertTrue(
                program.out()
                        .contains("  pictures of 120x90 at 30x30: bilinear resizing reads 17 % of the pixels, "
                                + "shrinking by area all of them; smallest marked defect: "
                                + "30 pixels, 2.5 at this size (" + set.resolve("test/hole/0.png")
                                + "): train --image-size 64 keeps 4, and so do tiles"),
                program.out());
        assertTrue(
                program.out()
                        .contains(
                                "  pictures of 120x90 are squashed 1.3:1; train --fit letterbox or crop keeps their shape"),
                program.out());
        Program cropped = Program.run("data", "check", set, "--image-size", 30, "--fit", "crop")
                .succeeds();
        assertTrue(
                cropped.out().contains("of pictures of 120x90 only the middle 90x90 is looked at, 75 %"),
                cropped.out());
        JsonNode report = report(
                Program.run("data", "check", set, "--image-size", 30, "--json").succeeds());
        JsonNode scale = report.get("categories").get(0).get("scale");
        assertEquals(
                0.5 / 3,
                scale.get("shareReadBilinearly").asDouble(),
                1e-9,
                "2 of 4 columns; a third of the rows, as every position falls on one");
        assertEquals(30, scale.get("smallestDefectPixels").asInt());
        assertEquals(
                30 * 900.0 / (WIDTH * HEIGHT),
                scale.get("smallestDefectPixelsAtSize").asDouble(),
                1e-9);
        assertEquals(0, report.get("categories").get(0).get("findings").size());
    }

    @Test
    void everyFaultIsNamed() throws Exception {
        Files.write(
                set.resolve("train/good/broken.png"),
                java.util.Arrays.copyOf(Files.readAllBytes(set.resolve("train/good/1.png")), 900));
        PngWriter.write(set.resolve("train/good/small.png"), constantPart(60, 45));
        ImageIO.write(grey(part(60)), "png", set.resolve("train/good/grey.png").toFile());
        PngWriter.write(set.resolve("train/good/black.png"), constant(WIDTH, HEIGHT, 3));
        Files.copy(set.resolve("train/good/2.png"), set.resolve("test/good/copy.png"));
        writeJpeg(set.resolve("test/good/stored-anew.jpg"), part(3), 0.7f);
        PngWriter.write(set.resolve("test/good/brighter.png"), brighter(part(4)));
        PngWriter.write(set.resolve("test/hole/unmarked.png"), part(70));
        PngWriter.write(set.resolve("ground_truth/hole/unmarked_mask.png"), mask(0));
        PngWriter.write(set.resolve("test/hole/maskless.png"), part(71));
        PngWriter.write(set.resolve("test/hole/other.png"), part(72));
        PngWriter.write(
                set.resolve("ground_truth/hole/other_mask.png"),
                new GreyImage(4, 4, new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, 0, 0, 0}));
        PngWriter.write(set.resolve("figures/example.png"), part(80));
        Program program = Program.run("data", "check", set, "--json");
        assertEquals(1, program.exitCode(), program.err());
        JsonNode report = report(program);
        assertEquals(List.of("train/good/broken.png"), findings(report, "unreadable"));
        assertEquals(List.of("train/good/small.png"), findings(report, "size"));
        assertEquals(List.of("train/good/grey.png"), findings(report, "depth"));
        assertEquals(List.of("train/good/black.png"), findings(report, "dark"));
        assertEquals(
                List.of("test/good/brighter.png", "test/good/copy.png", "test/good/stored-anew.jpg"),
                findings(report, "duplicate").stream().sorted().toList());
        assertEquals(List.of("ground_truth/hole/unmarked_mask.png"), findings(report, "empty_mask"));
        assertEquals(List.of("test/hole/maskless.png"), findings(report, "no_mask"));
        assertEquals(1, findings(report, "mask").size(), report.toPrettyString());
        assertEquals(
                set.resolve("figures/example.png").toString(),
                report.get("notUsed").get(0).asText());
        assertEquals(1, report.get("notUsed").size());
        String text = Program.run("data", "check", set).out();
        assertTrue(
                text.contains("copy.png: the same picture as " + set.resolve("train/good/2.png") + " in train"), text);
        assertTrue(
                text.contains(
                        "brighter.png: nearly the same picture as " + set.resolve("train/good/4.png") + " in train"),
                text);
        assertTrue(
                text.contains("stored-anew.jpg: nearly the same picture as " + set.resolve("train/good/3.png")), text);
        assertTrue(text.contains("figures/example.png: in no place that this layout knows"), text);
        assertTrue(text.contains("11 things to look at"), text);
    }

    private static RgbImage constantPart(int width, int height) {
        RgbImage whole = part(59);
        byte[] rgb = new byte[3 * width * height];
        for (int y = 0; y < height; y++) {
            System.arraycopy(whole.rgb(), 3 * y * WIDTH, rgb, 3 * y * width, 3 * width);
        }
        return new RgbImage(width, height, rgb);
    }

    private static BufferedImage grey(RgbImage image) {
        BufferedImage grey = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++) {
                grey.getRaster().setSample(x, y, 0, image.channel(x, y, 0));
            }
        }
        return grey;
    }

    @Test
    void camerasWithFewLevelsAreToldOnce() throws Exception {
        for (int i = 0; i < 8; i++) {
            BufferedImage twelve = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_USHORT_GRAY);
            RgbImage part = part(i);
            for (int p = 0; p < WIDTH * HEIGHT; p++) {
                twelve.getRaster().setSample(p % WIDTH, p / WIDTH, 0, (part.rgb()[3 * p] & 0xFF) * 16);
            }
            ImageIO.write(
                    twelve,
                    "png",
                    Files.createDirectories(folder.resolve("camera"))
                            .resolve(i + ".png")
                            .toFile());
        }
        Program program = Program.run("data", "check", folder.resolve("camera"));
        assertEquals(1, program.exitCode());
        assertTrue(
                program.out().contains("16-bit grey")
                        && program.out().contains("few levels (1)")
                        && program.out().contains("1 thing to look at"),
                program.out());
    }

    @Test
    void manifestsAreCheckedToo() throws Exception {
        Path manifest = Files.writeString(
                set.resolve("parts.csv"),
                "file,split,kind,mask\ntrain/good/0.png,train,,\ntrain/good/1.png,val,,\ntest/hole/0.png,test,hole,ground_truth/hole/0_mask.png\n");
        Program program = Program.run("data", "check", manifest);
        assertEquals(1, program.exitCode());
        assertTrue(
                program.out().contains("is taken for: manifest")
                        && program.out()
                                .contains("parts: 1 train, 1 validation, 0 good and 1 defective "
                                        + "test pictures (hole 1)"),
                program.out());
        assertTrue(program.out().contains("train/good: 6 pictures, 2.png to 7.png: in no place"), program.out());
        Files.writeString(manifest, "file,split\ntrain/good/0.png,train\nno.png,test\n");
        Program.run("data", "check", manifest).isRefusedNaming("line 3", "no.png");
    }

    @Test
    void whatCannotBeUsedAtAllIsRefused() throws Exception {
        Program.run("data", "check", folder.resolve("nowhere")).isRefusedNaming("nowhere");
        Program.run("data", "check", Files.createDirectory(folder.resolve("empty")))
                .isRefusedNaming("empty");
        Program.run("data", "check", set, "--category", "other").isRefusedNaming("other", "parts");
        Program.run("data", "check", set, "--image-size", 1).isRefusedNaming("--image-size 1");
    }
}
