package io.diffusionad.diffusion;

import io.diffusionad.ops.DiffusionOps;

/**
 * The rows of coefficients that {@link DiffusionOps} takes, one a sample, in float32 from the schedule's float64
 * tables.
 */
public final class Coefficients {
    private Coefficients() {}

    /** (N, 2) for {@link DiffusionOps#addNoise}. */
    public static float[] addNoise(NoiseSchedule schedule, long... t) {
        float[] rows = new float[2 * t.length];
        for (int n = 0; n < t.length; n++) {
            rows[2 * n] = (float) schedule.sqrtAlphaBar(t[n]);
            rows[2 * n + 1] = (float) schedule.sqrtOneMinusAlphaBar(t[n]);
        }
        return rows;
    }

    /** (N, 2) for {@link DiffusionOps#predictX0}. */
    public static float[] predictX0(NoiseSchedule schedule, long... t) {
        float[] rows = new float[2 * t.length];
        for (int n = 0; n < t.length; n++) {
            rows[2 * n] = (float) schedule.sqrtRecipAlphaBar(t[n]);
            rows[2 * n + 1] = (float) schedule.sqrtRecipMinusOneAlphaBar(t[n]);
        }
        return rows;
    }

    /** (N, 6) for {@link DiffusionOps#normGuidanceForward}. */
    public static float[] normGuidance(NoiseSchedule schedule, long[] tSmall, long[] tBig) {
        float[] rows = new float[6 * tSmall.length];
        for (int n = 0; n < tSmall.length; n++) {
            rows[6 * n] = (float) schedule.sqrtAlphaBar(tSmall[n]);
            rows[6 * n + 1] = (float) schedule.sqrtOneMinusAlphaBar(tSmall[n]);
            rows[6 * n + 2] = (float) schedule.sqrtRecipAlphaBar(tSmall[n]);
            rows[6 * n + 3] = (float) schedule.sqrtRecipMinusOneAlphaBar(tSmall[n]);
            rows[6 * n + 4] = (float) schedule.sqrtRecipAlphaBar(tBig[n]);
            rows[6 * n + 5] = (float) schedule.sqrtRecipMinusOneAlphaBar(tBig[n]);
        }
        return rows;
    }

    /**
     * (N, 5) for {@link DiffusionOps#samplerStep}: an ancestral step from t to t - 1, all samples alike; no noise at t
     * = 0.
     */
    public static float[] ancestral(NoiseSchedule schedule, int samples, long t) {
        return repeat(
                samples,
                schedule.sqrtRecipAlphaBar(t),
                schedule.sqrtRecipMinusOneAlphaBar(t),
                schedule.posteriorMeanOfX0(t),
                schedule.posteriorMeanOfXt(t),
                t == 0 ? 0 : Math.sqrt(schedule.ancestralVariance(t)));
    }

    /**
     * (N, 5) for {@link DiffusionOps#samplerStep}: a DDIM step (Song et al. 2021) from t to any earlier timestep, all
     * samples alike. The noise that the clamped x0 implies, {@code (√(1/ᾱ)·x_t - x0) / √(1/ᾱ - 1)}, is what is carried
     * on.
     *
     * @param previous the timestep to reach, -1 for the clean image
     * @param eta 0 for the deterministic sampler, 1 for DDPM's variance
     */
    public static float[] ddim(NoiseSchedule schedule, int samples, long t, long previous, double eta) {
        double recip = schedule.sqrtRecipAlphaBar(t);
        double recipMinusOne = schedule.sqrtRecipMinusOneAlphaBar(t);
        double alphaBar = schedule.alphaBar(t);
        double previousAlphaBar = schedule.alphaBar(previous);
        double sigma = eta * Math.sqrt((1 - previousAlphaBar) / (1 - alphaBar) * (1 - alphaBar / previousAlphaBar));
        double direction = Math.sqrt(Math.max(0, 1 - previousAlphaBar - sigma * sigma));
        return repeat(
                samples,
                recip,
                recipMinusOne,
                Math.sqrt(previousAlphaBar) - direction / recipMinusOne,
                direction * recip / recipMinusOne,
                sigma);
    }

    private static float[] repeat(int samples, double... row) {
        float[] rows = new float[samples * row.length];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = (float) row[i % row.length];
        }
        return rows;
    }
}
