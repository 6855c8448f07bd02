package io.diffusionad;

/**
 * A decision or a mask was asked of a detector that has no threshold for it: its training was interrupted before the
 * first calibration, for instance.
 */
public final class UndecidedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    UndecidedException(String message) {
        super(message);
    }
}
