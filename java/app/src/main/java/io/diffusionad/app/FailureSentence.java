package io.diffusionad.app;

import io.diffusionad.device.DeviceUnavailableException;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.io.FileProblem;
import io.diffusionad.io.InvalidFileException;
import io.diffusionad.tensor.OutOfDeviceMemoryException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Optional;

/** The sentence for failures that the user can mend. */
final class FailureSentence {
    private FailureSentence() { }

    /** Empty for the program's own failures. */
    static Optional<String> of(Throwable failure, MemoryAdvice memory) {
        for (Throwable cause = failure; cause != null && cause != cause.getCause(); cause = cause.getCause()) {
            // Worker threads hand their failure over inside another one, and a full heap matters more than what it broke.
            if (cause instanceof OutOfMemoryError full) {
                return Optional.of(memory.forJava(full));
            }
        }
        if (failure instanceof OutOfDeviceMemoryException) {
            return Optional.of(memory.forDevice(failure.getMessage()));
        }
        if (failure instanceof InvalidInputException || failure instanceof DeviceUnavailableException) {
            return Optional.of(failure.getMessage());
        }
        if (failure instanceof UncheckedIOException unchecked) {
            return of(unchecked.getCause(), memory);
        }
        if (failure instanceof IOException io) {
            return Optional.of(file(io));
        }
        return Optional.empty();
    }

    private static String file(IOException e) {
        if (e instanceof InvalidFileException) {
            return e.getMessage();
        }
        if (FileProblem.isFullDisk(e)) {
            return e instanceof FileSystemException fs ? fs.getFile() + " cannot be written: " + FileProblem.reason(e) : FileProblem.reason(e);
        }
        if (e instanceof NoSuchFileException || e instanceof FileNotFoundException) {
            return "there is no file or folder " + e.getMessage() + ": check the path";
        }
        if (e instanceof AccessDeniedException) {
            return "no permission for " + e.getMessage() + ": choose another place or change its rights";
        }
        if (e instanceof NotDirectoryException) {
            return e.getMessage() + " is not a folder: choose another path";
        }
        if (e instanceof FileAlreadyExistsException) {
            return e.getMessage() + " is a file where a folder is needed: choose another path";
        }
        if (e instanceof FileSystemException fs && fs.getReason() != null) {
            return fs.getFile() + ": " + FileProblem.reason(e);
        }
        return "a file could not be read or written: " + e.getMessage();
    }
}
