package io.diffusionad.image;

/** A picture that cannot be read or written. The message is one sentence for the user: which file, what is wrong, what to do. */
public final class ImageException extends RuntimeException {
    public ImageException(String message) {
        super(message);
    }

    public ImageException(String message, Throwable cause) {
        super(message, cause);
    }
}
