package io.diffusionad.app.command;

import io.diffusionad.error.InvalidInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which trained model. */
final class CheckpointChoice {
    @Option(names = {"-m", "--checkpoint"}, required = true, paramLabel = "FILE",
            description = "A checkpoint that train wrote, or its output folder: then best.safetensors, else last.safetensors.")
    private Path path;

    Path file() {
        if (!Files.isDirectory(path)) {
            if (!Files.exists(path)) {
                throw new InvalidInputException("there is no checkpoint " + path + ": check the path");
            }
            return path;
        }
        for (String name : new String[] {"best.safetensors", "last.safetensors"}) {
            if (Files.exists(path.resolve(name))) {
                return path.resolve(name);
            }
        }
        throw new InvalidInputException("the folder " + path + " holds no best.safetensors or last.safetensors: name a checkpoint or an output folder of train");
    }
}
