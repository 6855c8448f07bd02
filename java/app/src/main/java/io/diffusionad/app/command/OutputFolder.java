package io.diffusionad.app.command;

import io.diffusionad.error.InvalidInputException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Checks of output folders, made before any work begins. */
final class OutputFolder {
    private OutputFolder() {}

    /**
     * Creates the folder.
     *
     * @param result file that earlier results in it have
     * @throws InvalidInputException when it holds earlier results and overwriting was not asked for, or it cannot be a
     *     writable folder
     */
    static void prepare(Path folder, String result, boolean overwrite) {
        if (Files.exists(folder.resolve(result)) && !overwrite) {
            throw new InvalidInputException(
                    folder + " holds earlier results (" + result + "): choose another --out, or add --overwrite");
        }
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new InvalidInputException(
                    "the output folder " + folder + " cannot be made ("
                            + e.getClass().getSimpleName() + ": " + e.getMessage() + "): choose another --out",
                    e);
        }
        if (!Files.isWritable(folder)) {
            throw new InvalidInputException(
                    "the output folder " + folder + " cannot be written: change its rights or choose another --out");
        }
    }
}
