package io.diffusionad.app;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What users of the original program bring along. */
class ReferenceFilesTest {
    @TempDir
    Path temporary;

    @Test
    void trainTakesTheOriginalsSettingsAndSaysWhatHasNoEffect() throws IOException {
        Path data = SmallDataset.write(temporary.resolve("stripes"));
        Path config = Files.writeString(
                temporary.resolve("args1.json"),
                "{\"img_size\": [32, 32], \"Batch_Size\": 2, \"EPOCHS\": 7, \"base_channels\": 32, \"random_slice\": true,"
                        + " \"mvtec_root_path\": \"" + data + "\"}");
        Program program = Program.run(
                        "train", "--config", config, "--device", "cpu", "--dry-run", "--out", temporary.resolve("run"))
                .succeeds();
        assertTrue(program.err().contains("random_slice"), program.err());
        assertTrue(program.err().contains("32x32 pixels") && program.err().contains("28 steps"), program.err());
        assertFalse(Files.exists(temporary.resolve("run")));
        Program.run("train", "--config", config, "--preset", "tiny", "--out", temporary.resolve("run"))
                .isRefusedNaming("--config", "--preset");
    }

    @Test
    void settingsThatAreNoJsonAreRefused() throws IOException {
        Path config = Files.writeString(temporary.resolve("args.json"), "img_size = 256");
        Program.run("train", "--config", config, "--out", temporary.resolve("run"))
                .isRefusedNaming(config.toString());
    }

    @Test
    void convertRefusesWhatIsNoCheckpoint() throws IOException {
        Path file = Files.writeString(temporary.resolve("params-best.pt"), "not a checkpoint");
        Path out = temporary.resolve("out.safetensors");
        Program.run("convert", file, out).isRefusedNaming(file.toString());
        Program.run("convert", temporary.resolve("missing.pt"), out).isRefusedNaming("missing.pt");
        Files.writeString(out, "mine");
        Program.run("convert", file, out).isRefusedNaming(out.toString(), "--overwrite");
        assertTrue(Files.readString(out).equals("mine"));
    }
}
