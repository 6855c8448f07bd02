package io.diffusionad.app;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** All files that cannot be used are named before any work begins. */
class DamagedPicturesTest {
    @TempDir
    Path temporary;

    private Path data;

    @BeforeEach
    void writeData() {
        data = SmallDataset.write(temporary.resolve("stripes"));
    }

    @Test
    void evaluateNamesThemAllAndCanGoOnWithout() throws IOException {
        Path run = temporary.resolve("run");
        Program.run(SmallModel.train("--data", data, "--out", run, "--steps", "1", "--sheets", "0"))
                .succeeds();
        Path picture = damage("test/good/1.png");
        Path mask = damage("ground_truth/square/2_mask.png");
        Path out = temporary.resolve("evaluation");
        Object[] words = {
            "evaluate",
            "--checkpoint",
            run,
            "--data",
            data,
            "--device",
            "cpu",
            "--precision",
            "float32",
            "--sheets",
            "0",
            "--out",
            out
        };
        Program.run(words).isRefusedNaming("2 of 6 test images", picture.toString(), mask.toString(), "--skip-damaged");
        assertFalse(Files.exists(out.resolve("scores.jsonl")));

        Object[] skipping = Arrays.copyOf(words, words.length + 1);
        skipping[words.length] = "--skip-damaged";
        Program program = Program.run(skipping).succeeds();
        assertTrue(
                program.err().contains(picture.toString()) && program.err().contains(mask.toString()), program.err());
        assertEquals(4, Files.readAllLines(out.resolve("scores.jsonl")).size());
        String report = Files.readString(out.resolve("report.html"));
        assertTrue(report.contains("2 of 6 test images cannot be used"), "the report tells what is left out");
    }

    @Test
    void skippingNeedsSomethingThatIsLeft() throws IOException {
        Path run = temporary.resolve("run");
        Program.run(SmallModel.train("--data", data, "--out", run, "--steps", "1", "--sheets", "0"))
                .succeeds();
        for (int i = 0; i < 3; i++) {
            damage("test/good/" + i + ".png");
            damage("test/square/" + i + ".png");
        }
        Program.run(
                        "evaluate",
                        "--checkpoint",
                        run,
                        "--data",
                        data,
                        "--device",
                        "cpu",
                        "--precision",
                        "float32",
                        "--out",
                        temporary.resolve("evaluation"),
                        "--skip-damaged")
                .isRefusedNaming("6 of 6", "test/good/0.png", "and 1 more");
    }

    @Test
    void trainNamesThemAll() throws IOException {
        Path first = damage("train/good/3.png");
        Path second = damage("train/good/7.png");
        Path tested = damage("test/square/0.png");
        Program.run(SmallModel.train("--data", data, "--out", temporary.resolve("run"), "--steps", "1"))
                .isRefusedNaming("3 of 15 pictures", first.toString(), second.toString(), tested.toString());
        assertFalse(Files.exists(temporary.resolve("run/last.safetensors")));
    }

    private Path damage(String name) throws IOException {
        byte[] bytes = Files.readAllBytes(data.resolve(name));
        return Files.write(data.resolve(name), Arrays.copyOf(bytes, bytes.length / 2));
    }
}
