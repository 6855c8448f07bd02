package io.diffusionad.app.command;

import io.diffusionad.app.run.CheckpointFile;
import picocli.CommandLine.Option;

import java.nio.file.Path;

/** Which trained model. */
final class CheckpointChoice {
    @Option(
            names = {"-m", "--checkpoint"},
            required = true,
            paramLabel = "FILE",
            description =
                    "A checkpoint that train wrote, or its output folder: then best.safetensors, else last.safetensors.")
    private Path path;

    Path file() {
        return CheckpointFile.in(path);
    }
}
