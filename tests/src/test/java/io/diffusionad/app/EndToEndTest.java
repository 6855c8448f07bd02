package io.diffusionad.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.diffusionad.AnomalyDetector;
import io.diffusionad.Detection;
import io.diffusionad.DetectorOptions;
import io.diffusionad.checkpoint.Checkpoint;
import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.image.Images;
import io.diffusionad.image.RgbImage;
import io.diffusionad.io.SafeTensors;
import io.diffusionad.settings.Int8Calibration;
import io.diffusionad.settings.ModelCard;
import io.diffusionad.settings.Precision;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** train, then evaluate and detect with what it left behind. */
class EndToEndTest {
    private static final DetectorOptions OPTIONS =
            DetectorOptions.DEFAULT.withDevice("cpu").withPrecision(Precision.FLOAT32);

    @TempDir
    static Path temporary;

    private static Path data;
    private static Path run;
    private static Program training;

    @BeforeAll
    static void train() {
        data = SmallDataset.write(temporary.resolve("stripes"));
        run = temporary.resolve("run");
        training = Program.run(SmallModel.train("--data", data, "--out", run, "--steps", "4", "--profile"))
                .succeeds();
    }

    @Test
    void trainingSaysWhatItCostsAndLeavesEverythingBehind() {
        assertTrue(
                training.err().contains("parameters")
                        && training.err().contains("FLOP a step")
                        && training.err().contains("of memory"),
                training.err());
        assertTrue(
                training.err()
                        .contains(
                                "stripes: pictures of 40x40 at 32x32: every pixel is read; smallest marked defect: 144 pixels, 92.2 at this size"),
                training.err());
        for (String file : List.of(
                "last.safetensors",
                "best.safetensors",
                "resume.safetensors",
                "config.json",
                "losses.csv",
                "metrics.csv",
                "scores.jsonl",
                "report.html",
                "run.json")) {
            assertTrue(Files.exists(run.resolve(file)), file);
        }
        assertEquals(2, run.resolve("sheets").toFile().list().length);
        assertTrue(training.out().contains("image AUROC") && training.out().contains("stripes"), training.out());
    }

    @Test
    void evaluationRepeatsTheMetricsOfTraining() throws IOException {
        Path out = temporary.resolve("evaluation");
        Program program = Program.run(
                        "evaluate",
                        "--checkpoint",
                        run.resolve("last.safetensors"),
                        "--data",
                        data,
                        "--out",
                        out,
                        "--device",
                        "cpu",
                        "--precision",
                        "float32",
                        "--batch",
                        "4")
                .succeeds();
        assertTrue(
                program.err()
                        .contains(
                                "stripes: pictures of 40x40 at 32x32: every pixel is read; smallest marked defect: 144 pixels, 92.2 at this size"),
                program.err());
        assertEquals(
                Files.readAllLines(run.resolve("metrics.csv")).get(1),
                Files.readAllLines(out.resolve("metrics.csv")).get(1));
        assertTrue(Files.readString(out.resolve("metrics.csv"))
                .startsWith("classname,Image-AUROC,Pixel-AUROC,Pixel-AUPRO,Pixel_AP,"));
        assertEquals(6, Files.readAllLines(out.resolve("scores.jsonl")).size());
        assertTrue(Files.readString(out.resolve("report.html")).contains("data:image/png;base64,"));
    }

    @Test
    void detectionWritesJsonAndPicturesThatDoNotDependOnTheBatch() throws IOException {
        Path out = temporary.resolve("found");
        Program one = Program.run(
                        "detect",
                        "--checkpoint",
                        run,
                        "--out",
                        out,
                        "--write",
                        "heatmap,mask,map,npy",
                        "--device",
                        "cpu",
                        "--precision",
                        "float32",
                        data.resolve("test"))
                .succeeds();
        Program three = Program.run(
                        "detect",
                        "--checkpoint",
                        run,
                        "--device",
                        "cpu",
                        "--precision",
                        "float32",
                        "--batch",
                        "3",
                        data.resolve("test"))
                .succeeds();
        List<JsonNode> lines = json(one.out());
        List<JsonNode> batched = json(three.out());
        assertEquals(6, lines.size());
        for (int i = 0; i < lines.size(); i++) {
            assertEquals(lines.get(i).get("file"), batched.get(i).get("file"));
            assertEquals(
                    lines.get(i).get("score").asDouble(),
                    batched.get(i).get("score").asDouble(),
                    1e-6);
            assertTrue(List.of("ok", "defective")
                    .contains(lines.get(i).get("decision").asText()));
        }
        RgbImage heat = Images.readRgb(out.resolve("square-1-heatmap.png"));
        assertEquals(SmallDataset.SIZE, heat.width());
        ByteBuffer npy = ByteBuffer.wrap(Files.readAllBytes(out.resolve("square-1-map.npy")))
                .order(ByteOrder.LITTLE_ENDIAN);
        assertEquals("\u0093NUMPY", new String(npy.array(), 0, 6, java.nio.charset.StandardCharsets.ISO_8859_1));
        int dataStart = 10 + npy.getShort(8);
        assertEquals(0, dataStart % 64);
        assertEquals(32 * 32 * 4, npy.capacity() - dataStart);
        try (AnomalyDetector detector = AnomalyDetector.load(run.resolve("best.safetensors"), OPTIONS)) {
            float[] map = new float[32 * 32];
            npy.position(dataStart)
                    .slice()
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(map);
            assertArrayEquals(detector.detect(data.resolve("test/square/1.png")).scoreMap(), map);
        }
    }

    @Test
    void int8IsCalibratedByTrainingAndByItsOwnCommand() throws IOException {
        try (Device cpu = Devices.open("cpu", DeviceOptions.DEFAULT)) {
            Assumptions.assumeTrue(cpu.computesInt8(), "this processor has no AVX2");
        }
        Program first = Program.run(
                        "detect", "--checkpoint", run, "--device", "cpu", "--precision", "int8", data.resolve("test"))
                .succeeds();
        Program wide = Program.run(
                        "detect",
                        "--checkpoint",
                        run,
                        "--device",
                        "cpu",
                        "--precision",
                        "float32",
                        data.resolve("test"))
                .succeeds();
        for (int i = 0; i < 6; i++) {
            assertEquals(
                    json(wide.out()).get(i).get("score").asDouble(),
                    json(first.out()).get(i).get("score").asDouble(),
                    0.05);
        }
        ModelCard card = Checkpoint.readCard(run.resolve("best.safetensors"));
        assertEquals(
                card.int8().thresholds().threshold(),
                json(first.out()).get(0).get("threshold").asDouble());

        Path bare = temporary.resolve("bare.safetensors");
        SafeTensors.write(
                bare,
                card.withInt8(Int8Calibration.NONE).toMetadata(),
                SafeTensors.read(run.resolve("best.safetensors")).tensors());
        Program.run("detect", "--checkpoint", bare, "--device", "cpu", "--precision", "int8", data.resolve("test"))
                .isRefusedNaming(bare.toString(), "diffusionad calibrate");
        Program.run("calibrate", "--checkpoint", bare, "--data", data, "--device", "cpu")
                .succeeds();
        Path out = temporary.resolve("int8");
        Program.run(
                        "evaluate",
                        "--checkpoint",
                        bare,
                        "--data",
                        data,
                        "--out",
                        out,
                        "--device",
                        "cpu",
                        "--precision",
                        "int8")
                .succeeds();
        assertEquals(6, Files.readAllLines(out.resolve("scores.jsonl")).size());
        assertEquals(
                card.int8().ranges().byLayer().keySet(),
                Checkpoint.readCard(bare).int8().ranges().byLayer().keySet());
    }

    @Test
    void profilesSayWhereTheTimeWentByLayerAndOperation() {
        assertProfile(training.err(), "down.0.0", "conv2dBackwardWeights");
        Program plain = Program.run(
                        "detect",
                        "--checkpoint",
                        run,
                        "--device",
                        "cpu",
                        "--precision",
                        "float32",
                        data.resolve("test"))
                .succeeds();
        Program profiled = Program.run(
                        "detect",
                        "--checkpoint",
                        run,
                        "--device",
                        "cpu",
                        "--precision",
                        "float32",
                        "--profile",
                        data.resolve("test"))
                .succeeds();
        assertEquals(plain.out(), profiled.out());
        assertProfile(profiled.err(), "down.0.0", "conv2dForward");
        assertTrue(!plain.err().contains("GFLOP/s"), plain.err());
    }

    /** A line of the layer and operation with time and rates, and a total of 100 %. */
    private static void assertProfile(String err, String layer, String operation) {
        assertTrue(
                err.lines()
                        .anyMatch(line -> line.matches(
                                layer + " +" + operation + " +\\d+ +[\\d.]+ +[\\d.]+ +[\\d.]+ +[\\d.]+ *")),
                err);
        assertTrue(err.lines().anyMatch(line -> line.matches(" *total +\\d+ +[\\d.]+ +100.0 .*")), err);
    }

    @Test
    void oneDetectorServesManyThreads() throws Exception {
        try (AnomalyDetector detector = AnomalyDetector.load(run.resolve("best.safetensors"), OPTIONS);
                AutoCloseablePool pool = new AutoCloseablePool()) {
            detector.warmUp();
            double[] alone = new double[3];
            List<Future<Detection>> together = new ArrayList<>();
            for (int i = 0; i < alone.length; i++) {
                alone[i] = detector.detect(SmallDataset.stripes(40 + i, true)).score();
            }
            for (int i = 0; i < 9; i++) {
                RgbImage image = SmallDataset.stripes(40 + i % 3, true);
                together.add(pool.executor.submit(() -> detector.detect(image)));
            }
            for (int i = 0; i < together.size(); i++) {
                assertEquals(alone[i % 3], together.get(i).get().score());
            }
            assertEquals(13, detector.timer().images());
        }
    }

    @Test
    void convertWritesOnnxAndCopiesOfItself() throws IOException {
        Path onnx = temporary.resolve("stripes.onnx");
        Program.run("convert", run.resolve("last.safetensors"), onnx).succeeds();
        assertTrue(Files.size(onnx) > 0.9 * Files.size(run.resolve("last.safetensors")));
        Path copy = temporary.resolve("copy.safetensors");
        Program.run("convert", run.resolve("last.safetensors"), copy).succeeds();
        assertArrayEquals(Files.readAllBytes(run.resolve("last.safetensors")), Files.readAllBytes(copy));
        Program.run("convert", run.resolve("last.safetensors"), temporary.resolve("stripes.xyz"))
                .isRefusedNaming("stripes.xyz", "--to");
        Program.run("convert", run.resolve("last.safetensors"), onnx).isRefusedNaming(onnx.toString(), "--overwrite");
    }

    @Test
    void aClosedDetectorSaysSo() throws IOException {
        AnomalyDetector detector = AnomalyDetector.load(run.resolve("last.safetensors"), OPTIONS);
        detector.close();
        detector.close();
        assertThrows(IllegalStateException.class, detector::warmUp);
    }

    @Test
    void aThresholdGivenOverrulesTheCalibratedOne() throws IOException {
        try (AnomalyDetector strict = AnomalyDetector.load(run.resolve("last.safetensors"), OPTIONS.withThreshold(-1));
                AnomalyDetector lenient =
                        AnomalyDetector.load(run.resolve("last.safetensors"), OPTIONS.withThreshold(2))) {
            RgbImage image = SmallDataset.stripes(0, false);
            assertTrue(strict.detect(image).isDefective());
            assertTrue(!lenient.detect(image).isDefective());
        }
    }

    @Test
    void aFinishedRunIsNotOverwritten() throws IOException {
        byte[] before = Files.readAllBytes(run.resolve("last.safetensors"));
        Program.run(SmallModel.train("--data", data, "--out", run, "--steps", "1"))
                .isRefusedNaming(run.toString(), "--overwrite");
        Program.run("train", "--resume", "--out", run).isRefusedNaming(run.toString(), "finished");
        assertArrayEquals(before, Files.readAllBytes(run.resolve("last.safetensors")));
    }

    private static List<JsonNode> json(String lines) throws IOException {
        List<JsonNode> nodes = new ArrayList<>();
        for (String line : lines.lines().toList()) {
            nodes.add(new ObjectMapper().readTree(line));
        }
        return nodes;
    }

    /** Threads that end with the test. */
    private static final class AutoCloseablePool implements AutoCloseable {
        final ExecutorService executor = Executors.newFixedThreadPool(3);

        @Override
        public void close() {
            executor.shutdownNow();
        }
    }
}
