package io.diffusionad.data;

/** A data set that cannot be used. The message is one sentence for the user: where, what is wrong, how to mend it. */
public final class DataException extends RuntimeException {
    public DataException(String message) {
        super(message);
    }

    public DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
