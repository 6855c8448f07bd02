package io.diffusionad.metrics;

import org.apache.commons.math3.distribution.BetaDistribution;

/**
 * How often something happened.
 *
 * @param count how often, 0 to {@code of}
 * @param of how often it could have happened, at least 0
 */
public record Rate(long count, long of) {
    public Rate {
        if (count < 0 || count > of) {
            throw new IllegalArgumentException(count + " of " + of);
        }
    }

    /** Share in [0, 1]; NaN of nothing. */
    public double value() {
        return of == 0 ? Double.NaN : (double) count / of;
    }

    /**
     * The exact binomial interval (Clopper and Pearson 1934) of the true rate with {@link Interval#CONFIDENCE}, by
     * quantiles of beta distributions; 0 to 1 of nothing.
     */
    public Interval interval() {
        double tail = (1 - Interval.CONFIDENCE) / 2;
        double lower =
                count == 0 ? 0 : new BetaDistribution(null, count, of - count + 1.0).inverseCumulativeProbability(tail);
        double upper = count == of
                ? 1
                : new BetaDistribution(null, count + 1.0, of - count).inverseCumulativeProbability(1 - tail);
        return new Interval(lower, upper);
    }
}
