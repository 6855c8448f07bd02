package io.diffusionad.device;

/** A device was asked for by name and cannot be had; the message gives the cause and the way out. */
public final class DeviceUnavailableException extends RuntimeException {
    public DeviceUnavailableException(String message) {
        super(message);
    }
}
