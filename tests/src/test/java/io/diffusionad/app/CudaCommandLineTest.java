package io.diffusionad.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.diffusionad.backend.cuda.FreshJvm;
import io.diffusionad.backend.cuda.RequiresCuda;
import io.diffusionad.device.Devices;
import io.diffusionad.verify.Verifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The commands with {@code --device cuda}. */
@RequiresCuda
class CudaCommandLineTest {
    @TempDir
    private Path temporary;

    /** A detector that was trained on the card scores alike on the card and on the processor. */
    @Test
    void trainsAndDetects() throws IOException {
        Path data = SmallDataset.write(temporary.resolve("stripes"));
        Path run = temporary.resolve("run");
        Program training = Program.run(SmallModel.trainOn("cuda", "--data", data, "--out", run, "--steps", "2"))
                .succeeds();
        assertTrue(training.err().contains("cuda:0"), training.err());
        List<Double> card = scores(run, data, "cuda");
        assertEquals(3, card.size());
        assumeTrue(
                Devices.providers().stream()
                        .anyMatch(provider -> provider.kind().equals("cpu")
                                && provider.unavailabilityCause().isEmpty()),
                "the processor's backend is not packed: scores are not compared with its own");
        List<Double> processor = scores(run, data, "cpu");
        for (int i = 0; i < card.size(); i++) {
            assertEquals(processor.get(i), card.get(i), 1e-4);
        }
    }

    /**
     * Of the built-in recordings all whose replay uses the device, but the training: {@code CudaTrainingTest} replays
     * more of its steps.
     */
    @Test
    void verifiesTheBuiltInRecordings() throws IOException {
        Path recordings = Files.createDirectory(temporary.resolve("golden"));
        for (String name : List.of("schedules", "diffusion", "losses", "segmentation", "unet", "unet_plain_updown")) {
            String file = name + ".safetensors";
            try (InputStream in = Verifier.class.getResourceAsStream("/golden/" + file)) {
                Files.copy(in, recordings.resolve(file));
            }
        }
        String out =
                Program.run("verify", "--device", "cuda", recordings).succeeds().out();
        assertTrue(out.contains("unet.safetensors") && out.contains("diffusion.safetensors"), out);
    }

    @Test
    void infoNamesTheCard() {
        String out = Program.run("info").succeeds().out();
        assertTrue(out.contains("compute capability"), out);
        assertTrue(out.contains("cuBLAS of CUDA 12 is ") && out.contains("cuDNN 9 is "), out);
    }

    /**
     * A polite kill saves, and gives the card its memory back: the emulated driver tells what a process leaves there.
     */
    @Test
    void interruptedTrainingSavesAndLeavesNothingOnTheCard() throws Exception {
        Path data = SmallDataset.write(temporary.resolve("stripes"));
        Path run = temporary.resolve("run");
        Path output = temporary.resolve("output.txt");
        List<String> program = new ArrayList<>(List.of(Main.class.getName()));
        Stream.of(SmallModel.trainOn("cuda", "--data", data, "--out", run, "--steps", "100000"))
                .map(Object::toString)
                .forEach(program::add);
        Process process = FreshJvm.of(temporary, Map.of(), program.toArray(String[]::new))
                .redirectOutput(output.toFile())
                .start();
        try {
            await(process, () -> Files.readString(output).contains(" of 100000 steps, "));
            process.destroy();
            assertTrue(process.waitFor(120, TimeUnit.SECONDS), "still running two minutes after it was told to end");
        } finally {
            process.destroyForcibly();
        }
        String printed = Files.readString(output);
        assertTrue(printed.contains("interrupted: saving") && printed.contains("saved in " + run), printed);
        assertTrue(Files.exists(run.resolve("resume.safetensors")), printed);
        assertFalse(printed.contains("leak"), printed);
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(Process process, Condition condition) throws IOException, InterruptedException {
        for (int tenths = 0; !condition.holds(); tenths++) {
            assertTrue(process.isAlive() && tenths < 1200, "no step was taken in two minutes");
            Thread.sleep(100);
        }
    }

    private static List<Double> scores(Path run, Path data, String device) throws IOException {
        Program detection = Program.run(
                        "detect",
                        "--checkpoint",
                        run,
                        "--device",
                        device,
                        "--precision",
                        "float32",
                        data.resolve("test/square"))
                .succeeds();
        List<Double> scores = new ArrayList<>();
        for (String line : detection.out().lines().toList()) {
            JsonNode found = new ObjectMapper().readTree(line);
            scores.add(found.get("score").asDouble());
        }
        return scores;
    }
}
