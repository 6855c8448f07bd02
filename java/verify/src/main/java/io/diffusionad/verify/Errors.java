package io.diffusionad.verify;

/**
 * Distances between a computed and a recorded array. Arrays of different lengths are infinitely far apart; a NaN on
 * either side gives NaN or infinity, never a small number.
 */
final class Errors {
    private Errors() {}

    /** {@code ‖actual - expected‖₂ / ‖expected‖₂}; 0 for two zero arrays. */
    static double relativeL2(float[] actual, float[] expected) {
        return ratio(l2Difference(actual, expected), l2(expected));
    }

    /** {@code ‖actual - expected‖₂} */
    static double l2Difference(float[] actual, float[] expected) {
        if (actual.length != expected.length) {
            return Double.POSITIVE_INFINITY;
        }
        double sum = 0;
        for (int i = 0; i < actual.length; i++) {
            double d = (double) actual[i] - expected[i];
            sum += d * d;
        }
        return Math.sqrt(sum);
    }

    static double l2(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum);
    }

    /** The largest {@code |actual - expected| / max(|expected|, floor)}. */
    static double maxRelative(double[] actual, double[] expected, double floor) {
        if (actual.length != expected.length) {
            return Double.POSITIVE_INFINITY;
        }
        double largest = 0;
        for (int i = 0; i < actual.length; i++) {
            // Math.max passes NaN on.
            largest = Math.max(largest, Math.abs(actual[i] - expected[i]) / Math.max(Math.abs(expected[i]), floor));
        }
        return largest;
    }

    /** {@code |actual - expected| / |expected|}; 0 for two zeros. */
    static double relative(double actual, double expected) {
        return ratio(Math.abs(actual - expected), Math.abs(expected));
    }

    /** {@code difference / scale}, 0 when both are 0. */
    static double ratio(double difference, double scale) {
        return difference == 0 && !Double.isNaN(scale) ? 0 : difference / scale;
    }

    /** Share of bytes that differ by more than {@code tolerance} of 255. */
    static double shareBeyond(byte[] actual, byte[] expected, int tolerance) {
        if (actual.length != expected.length) {
            return Double.POSITIVE_INFINITY;
        }
        int beyond = 0;
        for (int i = 0; i < actual.length; i++) {
            if (Math.abs((actual[i] & 0xFF) - (expected[i] & 0xFF)) > tolerance) {
                beyond++;
            }
        }
        return (double) beyond / Math.max(1, actual.length);
    }
}
