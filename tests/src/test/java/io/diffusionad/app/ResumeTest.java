package io.diffusionad.app;

import io.diffusionad.app.console.Console;
import io.diffusionad.app.run.Interruption;
import io.diffusionad.app.run.RunFolder;
import io.diffusionad.app.run.RunSettings;
import io.diffusionad.app.run.TrainingRun;
import io.diffusionad.app.run.TrainingSession;
import io.diffusionad.data.Category;
import io.diffusionad.data.Dataset;
import io.diffusionad.data.mask.MaskReader;
import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.io.AtomicFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A run that is stopped and goes on ends with the very bytes of one that was never stopped. */
class ResumeTest {
    @TempDir
    Path temporary;

    @Test
    void aStoppedRunGoesOnBitForBit() throws IOException {
        Path data = SmallDataset.write(temporary.resolve("stripes"));
        Path whole = temporary.resolve("whole");
        Program.run(SmallModel.train("--data", data, "--out", whole, "--steps", "6", "--evaluate-every", "2"))
                .succeeds();

        Path parts = temporary.resolve("parts");
        RunSettings settings = RunSettings.read(whole.resolve("config.json"));
        long steps = trainUntil("step 2:", settings, Dataset.open(data).onlyCategory(), parts);
        assertTrue(steps >= 2 && steps < 6, "stopped after " + steps);
        // What a killed process leaves behind: a step that no checkpoint has, and half a line.
        Files.writeString(
                parts.resolve("losses.csv"),
                Files.readString(parts.resolve("losses.csv")) + "99,1,1,1,1,1,1,1\n100,1,",
                java.nio.charset.StandardCharsets.UTF_8);
        Program.run("train", "--resume", "--out", parts, "--device", "cpu").succeeds();

        for (String file : List.of("last.safetensors", "best.safetensors")) {
            assertArrayEquals(Files.readAllBytes(whole.resolve(file)), Files.readAllBytes(parts.resolve(file)), file);
        }
        for (String file : List.of("metrics.csv", "scores.jsonl")) {
            assertEquals(Files.readString(whole.resolve(file)), Files.readString(parts.resolve(file)), file);
        }
        assertEquals(withoutSeconds(whole), withoutSeconds(parts));
    }

    /** A file that cannot be replaced stands for a full disk: both end the first checkpoint. */
    @Test
    void aCheckpointThatCannotBeWrittenLeavesARunToGoOnWith() throws IOException {
        Path data = SmallDataset.write(temporary.resolve("stripes"));
        Path whole = temporary.resolve("whole");
        Program.run(SmallModel.train("--data", data, "--out", whole, "--steps", "2", "--sheets", "0"))
                .succeeds();
        RunSettings settings = RunSettings.read(whole.resolve("config.json"));
        Path out = temporary.resolve("out");
        Path obstacle = out.resolve("resume.safetensors");
        PrintWriter watching = new PrintWriter(new StringWriter()) {
            @Override
            public void println(String line) {
                if (line.contains("step 2:")) { // judged, and the best model is saved
                    assertTrue(obstacle.resolve("in-the-way").toFile().mkdirs());
                }
            }
        };
        Console console = new Console(watching, watching, false);
        try (Device device = Devices.open("cpu", DeviceOptions.DEFAULT);
                RunFolder folder = RunFolder.create(out, false);
                Interruption interruption = new Interruption(console)) {
            Category category = Dataset.open(data).onlyCategory();
            TrainingSession session = new TrainingSession(console, device, 0);
            String sentence = assertThrows(
                            InvalidInputException.class,
                            () -> session.train(settings, category, folder, false, interruption))
                    .getMessage();
            assertTrue(sentence.contains(obstacle.toString()) && sentence.contains("--resume --out " + out), sentence);
            assertEquals(RunFolder.State.INTERRUPTED, folder.state());
        }
        try (Stream<Path> files = Files.list(out)) {
            assertEquals(
                    List.of(),
                    files.filter(file -> AtomicFile.isPartial(file.getFileName().toString()))
                            .toList());
        }
        Files.delete(obstacle.resolve("in-the-way"));
        Files.delete(obstacle);
        Program.run("train", "--resume", "--out", out, "--device", "cpu", "--sheets", "0")
                .succeeds();
        assertArrayEquals(
                Files.readAllBytes(whole.resolve("last.safetensors")),
                Files.readAllBytes(out.resolve("last.safetensors")));
    }

    @Test
    void resumeTakesNoOtherSettings() {
        Program.run("train", "--resume", "--out", temporary.resolve("run"), "--batch", "4")
                .isRefusedNaming("--batch");
    }

    /** Trains until the console says {@code words}, then stops as Ctrl-C does. */
    private static long trainUntil(String words, RunSettings settings, Category category, Path out) throws IOException {
        AtomicReference<TrainingRun> running = new AtomicReference<>();
        PrintWriter watching = new PrintWriter(new StringWriter()) {
            @Override
            public void println(String line) {
                if (line.contains(words)) {
                    running.get().requestStop();
                }
            }
        };
        Console console = new Console(watching, watching, false);
        try (Device device = Devices.open("cpu", DeviceOptions.DEFAULT);
                RunFolder folder = RunFolder.create(out, false);
                TrainingRun run = new TrainingRun(
                        console, device, settings, folder, category, MaskReader.of(category, settings.masks()))) {
            running.set(run);
            long steps = run.run(false, 1);
            assertTrue(run.wasInterrupted());
            assertEquals(RunFolder.State.INTERRUPTED, folder.state());
            return steps;
        }
    }

    private static List<String> withoutSeconds(Path run) throws IOException {
        return Files.readAllLines(run.resolve("losses.csv")).stream()
                .map(line -> line.substring(0, line.lastIndexOf(',')))
                .toList();
    }
}
