package io.diffusionad.io;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A file does not hold what it should. The message is one sentence for the user: which file, what is wrong and where,
 * how to mend it.
 */
public final class InvalidFileException extends IOException {
    /**
     * @param problem what is wrong, and where in the file
     * @param remedy what the user can do about it
     */
    public InvalidFileException(Path file, String problem, String remedy) {
        super(file + ": " + problem + "; " + remedy);
    }

    public InvalidFileException(Path file, String problem, String remedy, Throwable cause) {
        super(file + ": " + problem + "; " + remedy, cause);
    }
}
