package io.diffusionad.tensor;

/** A device could not supply the memory that was asked for. The message says how much, and which setting needs less. */
public final class OutOfDeviceMemoryException extends RuntimeException {
    public OutOfDeviceMemoryException(String message) {
        super(message);
    }
}
