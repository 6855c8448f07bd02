package io.diffusionad.error;

/**
 * Something that the caller supplied cannot be used: a file, a folder, a setting. The message is one sentence for
 * people that names the thing and the way out; the command line prints it as it is and ends with exit code 2. Failures
 * of the program itself are other exceptions.
 */
public final class InvalidInputException extends RuntimeException {
    public InvalidInputException(String message) {
        super(message);
    }

    /** @param cause what a lower layer reported; kept for {@code --debug}, never printed otherwise */
    public InvalidInputException(String message, Throwable cause) {
        super(message, cause);
    }
}
