package io.diffusionad.verify;

/**
 * One quantity of a recording beside what this machine computes.
 *
 * @param file name of the recording
 * @param quantity what was compared
 * @param error the measured error; its kind is part of the quantity's definition (relative L2 norm unless the quantity
 *     says otherwise)
 * @param bound the largest error that passes
 */
public record VerifyResult(String file, String quantity, double error, double bound) {
    /** Whether the error is within the bound; NaN is not. */
    public boolean passed() {
        return error <= bound;
    }
}
