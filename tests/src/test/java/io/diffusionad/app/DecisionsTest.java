package io.diffusionad.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.diffusionad.AnomalyDetector;
import io.diffusionad.Detection;
import io.diffusionad.Detection.Verdict;
import io.diffusionad.DetectorOptions;
import io.diffusionad.UndecidedException;
import io.diffusionad.checkpoint.Checkpoint;
import io.diffusionad.frame.FrameRange;
import io.diffusionad.image.PngWriter;
import io.diffusionad.image.RgbImage;
import io.diffusionad.io.SafeTensors;
import io.diffusionad.settings.Calibration;
import io.diffusionad.settings.Int8Calibration;
import io.diffusionad.settings.ModelCard;
import io.diffusionad.settings.Precision;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What a detector decides, what it promises, and when it must not decide. */
class DecisionsTest {
    private static final DetectorOptions OPTIONS =
            DetectorOptions.DEFAULT.withDevice("cpu").withPrecision(Precision.FLOAT32);

    @TempDir
    static Path temporary;

    private static Path data;
    private static Path checkpoint;
    private static Path undecided;
    private static ModelCard card;
    private static Program training;

    @BeforeAll
    static void train() throws IOException {
        data = SmallDataset.write(temporary.resolve("stripes"));
        Path run = temporary.resolve("run");
        training = Program.run(SmallModel.train("--data", data, "--out", run, "--steps", "2", "--false-alarms", "0.25"))
                .succeeds();
        checkpoint = run.resolve("last.safetensors");
        card = Checkpoint.readCard(checkpoint);
        undecided = temporary.resolve("undecided.safetensors");
        ModelCard never = card.toBuilder()
                .calibration(Calibration.NONE)
                .int8(Int8Calibration.NONE)
                .frames(FrameRange.ANY)
                .build();
        SafeTensors.write(
                undecided, never.toMetadata(), SafeTensors.read(checkpoint).tensors());
    }

    @Test
    void trainingTellsWhatItsThresholdPromisesAndWhatSpeaksAgainstIt() {
        assertEquals(0.25, card.calibration().rate());
        assertEquals(2, card.calibration().heldOut().size());
        assertEquals(7, card.calibration().trained().size());
        assertEquals(7, card.evidence().trainedImages());
        assertTrue(
                card.evidence().auroc() >= 0 && card.evidence().auroc() <= 1,
                card.evidence().toString());
        assertTrue(
                training.err().contains("2 held-out good images promise at best that 33 % of good images are reported"),
                training.err());
        assertTrue(training.err().contains("warning: trained for 2 steps only"), training.err());
    }

    @Test
    void infoDescribesACheckpoint() throws IOException {
        String text = Program.run("info", "--checkpoint", checkpoint).succeeds().out();
        assertTrue(
                text.contains("trained on stripes, 2 steps")
                        && text.contains("7 trained, 2 held out")
                        && text.contains("promise at best")
                        && text.contains("frames are valid with red level")
                        && text.contains("warning: trained for 2 steps only"),
                text);
        JsonNode json = new ObjectMapper()
                .readTree(Program.run("info", "--json", "--checkpoint", checkpoint)
                        .succeeds()
                        .out());
        assertEquals(1 / 3.0, json.at("/calibration/promisedFalseAlarms").asDouble(), 1e-12);
        assertEquals(
                card.calibration().threshold(),
                json.at("/calibration/threshold").asDouble());
        assertEquals(2, json.get("frames").get("red").size());
        assertTrue(Program.run("info", "--checkpoint", undecided)
                .succeeds()
                .out()
                .contains("no threshold: the model was never calibrated"));
    }

    @Test
    void aCoveredLensIsInvalidAndAPartIsNot() throws IOException {
        Path frames = temporary.resolve("frames");
        PngWriter.write(frames.resolve("black.png"), flat(0));
        PngWriter.write(frames.resolve("grey.png"), flat(115));
        PngWriter.write(frames.resolve("noise.png"), noise());
        PngWriter.write(frames.resolve("white.png"), flat(255));
        Program detected = Program.run(
                        "detect", "-m", checkpoint, "--device", "cpu", "--threshold", "2", frames, data.resolve("test"))
                .succeeds();
        List<String> lines = detected.out().lines().toList();
        assertEquals(10, lines.size());
        for (int i = 0; i < 10; i++) {
            JsonNode line = new ObjectMapper().readTree(lines.get(i));
            assertEquals(i < 4 ? "invalid" : "ok", line.get("decision").asText(), lines.get(i));
            assertEquals(i < 4, line.has("reason"), lines.get(i));
            double percentile = line.get("percentile").asDouble();
            assertEquals(card.calibration().percentile(line.get("score").asDouble()), percentile, 1e-12);
        }
        assertTrue(lines.get(0).contains("no picture of this part: red level 0.00, expected"), lines.get(0));
        try (AnomalyDetector detector = AnomalyDetector.load(checkpoint, OPTIONS.withThreshold(2))) {
            Detection blind = detector.detect(flat(0));
            assertEquals(Verdict.INVALID, blind.verdict());
            assertTrue(blind.isDefective(), "what nobody saw does not pass");
            Detection part = detector.detect(SmallDataset.stripes(20, false));
            assertEquals(Verdict.OK, part.verdict());
            assertTrue(part.invalidReason().isEmpty());
            assertFalse(part.isDefective());
        }
    }

    @Test
    void evaluateTellsInvalidFramesAndCountsThemInItsMetrics() throws IOException {
        Path some = SmallDataset.write(temporary.resolve("blind"));
        Path black = some.resolve("test/good/black.png");
        PngWriter.write(black, flat(0));
        Path out = temporary.resolve("blind-evaluation");
        Program evaluated = Program.run(
                        "evaluate",
                        "-m",
                        checkpoint,
                        "--data",
                        some,
                        "--device",
                        "cpu",
                        "--precision",
                        "float32",
                        "--out",
                        out)
                .succeeds();
        List<String> lines = Files.readAllLines(out.resolve("scores.jsonl"));
        String told = "1 of " + lines.size() + " frames invalid";
        assertTrue(evaluated.out().contains(told), evaluated.out());
        assertTrue(Files.readString(out.resolve("report.html")).contains(told));
        for (String text : lines) {
            JsonNode line = new ObjectMapper().readTree(text);
            boolean blind = line.get("file").asText().endsWith("black.png");
            assertEquals(blind, "invalid".equals(line.get("decision").asText()), text);
            assertEquals(
                    blind ? "no picture of this part" : "",
                    line.path("reason").asText().split(":")[0],
                    text);
            assertTrue(Double.isFinite(line.get("score").asDouble()), text);
        }
    }

    @Test
    void anotherRateMovesTheThresholdWithoutAnotherCalibration() throws IOException {
        Program detected = Program.run(
                        "detect",
                        "-m",
                        checkpoint,
                        "--device",
                        "cpu",
                        "--precision",
                        "float32",
                        "--false-alarms",
                        "0.5",
                        data.resolve("test/good"))
                .succeeds();
        JsonNode line =
                new ObjectMapper().readTree(detected.out().lines().findFirst().orElseThrow());
        assertEquals(
                card.calibration().at(0.5).threshold(), line.get("threshold").asDouble());
        assertTrue(detected.err().contains("of good images are reported"), detected.err());
        Program.run("detect", "-m", checkpoint, "--false-alarms", "2", data.resolve("test"))
                .isRefusedNaming("--false-alarms", "0.02");
        Program.run("detect", "-m", checkpoint, "--false-alarms", "0.1", "--threshold", "1", data.resolve("test"))
                .isRefusedNaming("--false-alarms", "--threshold");
        Program.run("detect", "-m", undecided, "--device", "cpu", "--false-alarms", "0.1", data.resolve("test"))
                .isRefusedNaming("calibrate --unseen");
        Path out = temporary.resolve("evaluation");
        Program.run(
                        "evaluate",
                        "-m",
                        checkpoint,
                        "--data",
                        data,
                        "--device",
                        "cpu",
                        "--precision",
                        "float32",
                        "--false-alarms",
                        "0.5",
                        "--out",
                        out)
                .succeeds();
        assertEquals(
                card.calibration().at(0.5).threshold(),
                new ObjectMapper()
                        .readTree(
                                Files.readAllLines(out.resolve("scores.jsonl")).get(0))
                        .get("threshold")
                        .asDouble());
    }

    @Test
    void aDetectorWithoutAThresholdRefusesToDecide() throws IOException {
        Path out = temporary.resolve("nothing");
        Path picture = data.resolve("test/square/0.png");
        Program.run("detect", "-m", undecided, "--device", "cpu", picture)
                .isRefusedNaming(undecided.toString(), "no threshold", "--threshold", "--no-decision");
        Program.run(
                        "detect",
                        "-m",
                        undecided,
                        "--device",
                        "cpu",
                        "--threshold",
                        "0.5",
                        "-o",
                        out,
                        "--write",
                        "mask",
                        picture)
                .isRefusedNaming("no pixel threshold", "--pixel-threshold");
        Program.run("detect", "-m", undecided, "--device", "cpu", "--no-decision", "-o", out, picture)
                .isRefusedNaming("no pixel threshold");
        assertFalse(Files.exists(out.resolve("detections.jsonl")));
        String scores = Program.run(
                        "detect",
                        "-m",
                        undecided,
                        "--device",
                        "cpu",
                        "--no-decision",
                        "-o",
                        out,
                        "--write",
                        "map",
                        picture)
                .succeeds()
                .out();
        assertFalse(scores.contains("decision") || scores.contains("threshold"), scores);
        String decided = Program.run(
                        "detect",
                        "-m",
                        undecided,
                        "--device",
                        "cpu",
                        "--threshold",
                        "-1",
                        "--pixel-threshold",
                        "0.5",
                        picture)
                .succeeds()
                .out();
        assertTrue(decided.contains("\"decision\":\"defective\""), decided);
        try (AnomalyDetector detector = AnomalyDetector.load(undecided, OPTIONS)) {
            Detection detection = detector.detect(SmallDataset.stripes(40, true));
            assertTrue(detection.score() > 0 && detection.scoreMap().length > 0);
            assertTrue(Double.isNaN(detection.percentile()));
            assertThrows(UndecidedException.class, detection::verdict);
            assertThrows(UndecidedException.class, detection::isDefective);
            assertThrows(UndecidedException.class, detection::mask);
            assertThrows(UndecidedException.class, detection::heatMap);
        }
    }

    @Test
    void goodImagesThatWereNotTrainedOnCalibrateAnyCheckpoint() throws IOException {
        Path copy = temporary.resolve("copy.safetensors");
        Files.copy(undecided, copy);
        Path good = temporary.resolve("unseen");
        for (int i = 0; i < 24; i++) {
            PngWriter.write(good.resolve(i + ".png"), SmallDataset.stripes(60 + i, false));
        }
        Program calibrated = Program.run(
                        "calibrate", "-m", copy, "--data", good, "--unseen", "--device", "cpu", "--false-alarms", "0.1")
                .succeeds();
        assertTrue(calibrated.out().contains("at most 8.0 % of good images are reported"), calibrated.out());
        ModelCard after = Checkpoint.readCard(copy);
        assertEquals(24, after.calibration().heldOut().size());
        assertEquals(after.calibration().heldOut().get(22), after.calibration().threshold());
        assertFalse(after.frames().isAny());
        List<Double> detected = new ArrayList<>();
        for (String line : Program.run("detect", "-m", copy, "--device", "cpu", good)
                .succeeds()
                .out()
                .lines()
                .toList()) {
            detected.add(new ObjectMapper().readTree(line).path("score").doubleValue());
        }
        // Thresholds hold for the precision that detect chooses by itself, so the very scores come again.
        assertEquals(after.calibration().heldOut(), detected.stream().sorted().toList());
        Program.run(
                        "detect",
                        "-m",
                        copy,
                        "--device",
                        "cpu",
                        "-o",
                        temporary.resolve("decided"),
                        "--write",
                        "mask",
                        data.resolve("test"))
                .succeeds();
    }

    private static RgbImage flat(int level) {
        byte[] rgb = new byte[3 * SmallDataset.SIZE * SmallDataset.SIZE];
        java.util.Arrays.fill(rgb, (byte) level);
        return new RgbImage(SmallDataset.SIZE, SmallDataset.SIZE, rgb);
    }

    private static RgbImage noise() {
        byte[] rgb = new byte[3 * SmallDataset.SIZE * SmallDataset.SIZE];
        new Random(7).nextBytes(rgb);
        return new RgbImage(SmallDataset.SIZE, SmallDataset.SIZE, rgb);
    }
}
