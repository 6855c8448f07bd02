package io.diffusionad.metrics;

/**
 * A confidence interval.
 *
 * @param lower end, included
 * @param upper end, included, not below {@code lower}
 */
public record Interval(double lower, double upper) {
    /** The probability with which the interval holds the true value, for every interval of this program. */
    public static final double CONFIDENCE = 0.95;

    public Interval {
        if (!(lower <= upper)) {
            throw new IllegalArgumentException("an interval from " + lower + " to " + upper);
        }
    }
}
