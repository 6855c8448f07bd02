package io.diffusionad.app;

import io.diffusionad.device.DeviceUnavailableException;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.io.FileProblem;
import io.diffusionad.tensor.OutOfDeviceMemoryException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/** The sentence for failures that the user can mend. */
final class FailureSentence {
    private FailureSentence() {}

    /** Empty for the program's own failures. */
    static Optional<String> of(Throwable failure, MemoryAdvice memory) {
        for (Throwable cause = failure; cause != null && cause != cause.getCause(); cause = cause.getCause()) {
            // Worker threads hand their failure over inside another one, and a full heap matters more than what it
            // broke.
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
            return Optional.of(FileProblem.sentence(io));
        }
        return Optional.empty();
    }
}
