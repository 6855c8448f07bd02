package io.diffusionad.metrics;

/**
 * Whole numbers that are ordered as the scores they stand for, so that scores can be sorted, counted and stored as
 * integers.
 */
final class ScoreKey {
    private ScoreKey() {}

    /** @param score any number but NaN; -0 and 0 have one key */
    static int of(float score) {
        return mirrored(Float.floatToRawIntBits(score + 0f));
    }

    static float score(int key) {
        return Float.intBitsToFloat(mirrored(key));
    }

    /** Bits of negative floats grow with their magnitude: all but the sign are turned round. */
    private static int mirrored(int bits) {
        return bits ^ ((bits >> 31) & Integer.MAX_VALUE);
    }
}
