package io.diffusionad.app.report;

import io.diffusionad.data.TestImage;
import io.diffusionad.data.TestSample;
import io.diffusionad.evaluate.EvaluationOptions;
import io.diffusionad.evaluate.ImageResult;
import io.diffusionad.image.HeatMap;
import io.diffusionad.image.Images;
import io.diffusionad.image.Placement;
import io.diffusionad.image.ResultMark;
import io.diffusionad.image.RgbImage;
import io.diffusionad.metrics.Metrics;
import io.diffusionad.metrics.ScoredImage;
import io.diffusionad.metrics.TestMetrics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class EvaluationReportTest {
    private static final int SIZE = 16;
    private static final double THRESHOLD = 0.5;

    @TempDir
    private Path folder;

    /** A picture whose highest score is the given one. */
    private static ImageResult result(String kind, String name, double score, int size) {
        boolean anomalous = !kind.equals("good");
        Random random = new Random(name.hashCode());
        byte[] pixels = new byte[3 * size * size];
        random.nextBytes(pixels);
        float[] map = new float[size * size];
        boolean[] truth = new boolean[size * size];
        for (int i = 0; i < map.length; i++) {
            map[i] = 0.01f * random.nextFloat();
        }
        map[size + 1] = (float) score;
        truth[size + 1] = anomalous;
        TestSample sample = new TestSample(
                new TestImage(Path.of("test", kind, name), kind, anomalous, List.of()),
                new RgbImage(size, size, pixels),
                new Placement(size, size, size, 0, 0, size, size, 0, 0, size, size),
                truth);
        return new ImageResult(sample, new ScoredImage(size, size, score, anomalous, map, truth));
    }

    private String page(double threshold, List<String> warnings, ImageResult... results) throws IOException {
        EvaluationReport report = new EvaluationReport(folder, 0);
        ModelReport model = report.begin(
                "board <1>",
                new ReportSource(threshold, threshold, Map.of("Checkpoint", "best.safetensors"), warnings),
                null);
        List<ScoredImage> scored = new ArrayList<>();
        for (ImageResult result : results) {
            model.accept(result);
            scored.add(result.scored());
        }
        report.finish(
                "board <1>",
                new TestMetrics(Metrics.evaluate(scored), Map.of(), null),
                EvaluationOptions.Resolution.MODEL);
        report.write("DiffusionAD: board", List.of(), null);
        return Files.readString(folder.resolve("report.html"));
    }

    private ImageResult[] fewResults() {
        return new ImageResult[] {
            result("good", "0.png", 0.1, SIZE),
            result("good", "1.png", 0.7, SIZE),
            result("scratch", "2.png", 0.9, SIZE),
            result("scratch", "3.png", 0.2, SIZE),
            result("bent & \"torn\"", "4.png", 0.8, SIZE)
        };
    }

    @Test
    void wrongDecisionsComeFirstAndAreCounted() throws IOException {
        String page = page(THRESHOLD, List.of("trained for 2 steps only"), fewResults());
        String text = page.replaceAll("<[^>]*>", "|").replaceAll("[|\\s]+", " ");
        assertTrue(text.contains("1 false alarm of 2 good (50.0 %)"), text);
        assertTrue(text.contains("1 missed of 3 defective (33.3 %)"), text);
        assertTrue(text.contains("3 right of 5"), text);
        assertTrue(text.contains("Do not rely on these decisions: trained for 2 steps only"));
        assertTrue(
                text.contains("scratch/3.png missed 0.2000 (0.40)")
                        && text.contains("good/1.png false alarm 0.7000 (1.40)"),
                text);
        assertTrue(page.indexOf("Wrong decisions") < page.indexOf(">Metrics<")
                && page.indexOf("false alarm of") < page.indexOf("class=\"strip\""));
        List<String> order = new ArrayList<>();
        Matcher cards = Pattern.compile(
                        "<figure class=\"card( wrong)?\" id=\"(m0-\\d)\" data-kind=\"([^\"]*)\" data-score=\"([0-9.]+)\"")
                .matcher(page);
        while (cards.find()) {
            order.add(cards.group(2) + cards.group(1));
        }
        assertEquals(List.of("m0-1 wrong", "m0-3 wrong", "m0-2null", "m0-4null", "m0-0null"), order);
        assertTrue(page.contains("data-filter=\"kind:bent &amp; &quot;torn&quot;\"")
                && page.contains("data-filter=\"wrong\""));
        assertTrue(page.contains("class=\"tick limitlabel\"") && page.contains("threshold 0.5000"));
        assertTrue(text.contains("Checkpoint best.safetensors"));
    }

    @Test
    void thePageIsWholeInItself() throws IOException {
        String page = page(THRESHOLD, List.of(), fewResults());
        Matcher sources = Pattern.compile("(?:src|href)=\"([^\"]*)\"").matcher(page);
        int pictures = 0;
        while (sources.find()) {
            assertTrue(
                    sources.group(1).startsWith("data:image/")
                            || sources.group(1).startsWith("#m0-"),
                    sources.group(1));
            pictures += sources.group(1).startsWith("data:image/png") ? 1 : 0;
        }
        assertEquals(3 * 5 + 1, pictures, "and the color scale");
        assertFalse(page.contains("http:") || page.contains("https:"));
        assertFalse(Files.exists(folder.resolve("pictures")));
        assertEquals(page.split("<div").length, page.split("</div").length);
        assertEquals(5, Files.readAllLines(folder.resolve("scores.jsonl")).size());
        assertTrue(Files.readString(folder.resolve("scores.jsonl")).contains("\"decision\":\"defective\""));
    }

    @Test
    void withoutAThresholdNothingIsDecided() throws IOException {
        String page = page(Double.NaN, List.of(), fewResults());
        assertTrue(page.contains("Nothing is decided without a threshold")
                && page.contains("stretched picture by picture"));
        assertFalse(page.contains("false alarms of")
                || page.contains("class=\"card wrong\"")
                || page.replaceAll("base64,[^\"]*", "").contains("NaN"));
        assertFalse(Files.readString(folder.resolve("scores.jsonl")).contains("decision"));
    }

    @Test
    void manyPicturesLieBesideThePage() throws IOException {
        PictureStore store = new PictureStore(folder.resolve("pictures"), 3000);
        RgbImage picture = result("good", "0.png", 0.1, 400).sample().image();
        for (int i = 0; i < 3; i++) {
            assertEquals(i, store.add(picture));
        }
        assertFalse(store.isEmbedded());
        assertEquals("src=\"pictures/000002.jpeg\" width=\"384\" height=\"384\"", store.attributes(2));
        try (Stream<Path> files = Files.list(folder.resolve("pictures"))) {
            assertEquals(3, files.count());
        }
        assertEquals(384, Images.readRgb(folder.resolve("pictures/000000.jpeg")).width(), "at a moderate size");
        assertTrue(ResultMark.isOn(folder.resolve("pictures/000000.jpeg")), "not to be inspected as a part");
    }

    @Test
    void barsBesideAPictureAreNotShown() throws IOException {
        int size = 16;
        byte[] pixels = new byte[3 * size * size];
        TestSample sample = new TestSample(
                new TestImage(Path.of("test", "good", "wide.png"), "good", false, List.of()),
                new RgbImage(size, size, pixels),
                new Placement(32, 16, size, 0, 0, 32, 16, 0, 4, size, 8),
                new boolean[size * size]);
        String page = page(
                THRESHOLD,
                List.of(),
                new ImageResult(sample, sample.scored(new float[size * size])),
                result("bent", "1.png", 0.9, size));
        assertEquals(4, page.split("width=\"16\" height=\"8\"").length, "three pictures of the part");
    }

    @Test
    void aMarkedPixelKeepsItsColor() throws IOException {
        PictureStore store = new PictureStore(folder.resolve("pictures"), 0);
        byte[] blue = new byte[3 * 200 * 200];
        for (int i = 0; i < blue.length; i += 3) {
            blue[i + 2] = (byte) 255;
        }
        int marked = 3 * (101 * 200 + 51);
        blue[marked] = (byte) 255;
        blue[marked + 1] = (byte) 255;
        blue[marked + 2] = 0;
        store.add(new RgbImage(200, 200, blue));
        RgbImage read = Images.readRgb(folder.resolve("pictures/000000.jpeg"));
        assertTrue(read.channel(51, 101, 0) > 150 && read.channel(51, 101, 2) < 130, "yellow, not blue");
    }

    @Test
    void aGoodPictureIsBlueUnderItsThreshold() {
        float[] map = new float[] {0.1f, 0.2f, 0.3f, 0.4f};
        RgbImage colors = HeatMap.relative(map, 4, 1, THRESHOLD);
        for (int x = 0; x < 4; x++) {
            assertTrue(colors.channel(x, 0, 2) > colors.channel(x, 0, 0), "more blue than red at " + map[x]);
        }
        assertTrue(ColorScale.html(THRESHOLD).contains("pixel threshold 0.5000"));
    }

    @Test
    void scoresOfAllMagnitudesHaveAnAxis() {
        for (double[] scores : new double[][] {{0, 0}, {1e-9, 2e-9}, {0.001, 0.9}, {0.2, 0.9}, {0, 5}}) {
            for (double threshold : new double[] {Double.NaN, 0, 1e-6, 0.01, 0.5}) {
                List<ReportImage> images = List.of(
                        new ReportImage("a", "good/a", "good", false, scores[0], threshold, 0),
                        new ReportImage("b", "x/b", "x", true, scores[1], threshold, 3));
                String strip = ScoreStrip.html(images, threshold);
                assertFalse(strip.contains("NaN") || strip.contains("Infinity"), strip);
                Matcher left = Pattern.compile("left:(-?[0-9.]+)%").matcher(strip);
                int marks = 0;
                while (left.find()) {
                    double at = Double.parseDouble(left.group(1));
                    assertTrue(at >= 0 && at <= 100, strip);
                    marks++;
                }
                assertTrue(marks >= 3 && marks < 30, strip);
            }
        }
    }
}
