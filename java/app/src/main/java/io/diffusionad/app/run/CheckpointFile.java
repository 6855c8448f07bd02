package io.diffusionad.app.run;

import io.diffusionad.error.InvalidInputException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Finds the model file that a user means. */
public final class CheckpointFile {
    private static final List<String> IN_FOLDERS = List.of("best.safetensors", "last.safetensors");

    private CheckpointFile() {}

    /**
     * @param path a checkpoint, or an output folder of train: then the best one, else the last
     * @throws InvalidInputException when there is none
     */
    public static Path in(Path path) {
        if (!Files.isDirectory(path)) {
            if (!Files.exists(path)) {
                throw new InvalidInputException("there is no checkpoint " + path + ": check the path");
            }
            return path;
        }
        return IN_FOLDERS.stream()
                .map(path::resolve)
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(
                        () -> new InvalidInputException(
                                "the folder " + path
                                        + " holds no best.safetensors or last.safetensors: name a checkpoint or an output folder of train"));
    }
}
