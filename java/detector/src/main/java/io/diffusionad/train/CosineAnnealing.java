package io.diffusionad.train;

/**
 * A learning rate that swings between a base rate and 0 along a cosine with a period of two times {@code halfPeriod}
 * steps. It is computed by the recursion of PyTorch's {@code CosineAnnealingLR}, each rate from the one before, so that
 * it agrees with the reference to the last bit. Asking for a step after the last one asked for is cheap; an earlier one
 * starts over. Not thread-safe.
 */
public final class CosineAnnealing implements LearningRate {
    private final double base;
    private final int halfPeriod;
    private long step;
    private double rate;

    /** @param base rate at step 0; @param halfPeriod T_max: steps from the base rate to 0 */
    public CosineAnnealing(double base, int halfPeriod) {
        if (halfPeriod < 1) {
            throw new IllegalArgumentException("the cosine's half period must be at least 1 step, not " + halfPeriod);
        }
        this.base = base;
        this.halfPeriod = halfPeriod;
        this.rate = base;
    }

    @Override
    public double at(long wanted) {
        if (wanted < step) {
            step = 0;
            rate = base;
        }
        while (step < wanted) {
            step++;
            rate = Math.floorMod(step - 1 - halfPeriod, 2L * halfPeriod) == 0
                    ? rate + base * (1 - Math.cos(Math.PI / halfPeriod)) / 2
                    : (1 + Math.cos(Math.PI * step / halfPeriod))
                            / (1 + Math.cos(Math.PI * (step - 1) / halfPeriod))
                            * rate;
        }
        return rate;
    }
}
