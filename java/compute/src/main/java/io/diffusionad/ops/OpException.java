package io.diffusionad.ops;

/** A device operation failed. The message names the operation, its shapes and the device's status. */
public final class OpException extends RuntimeException {
    public OpException(String message) {
        super(message);
    }

    public OpException(String message, Throwable cause) {
        super(message, cause);
    }
}
