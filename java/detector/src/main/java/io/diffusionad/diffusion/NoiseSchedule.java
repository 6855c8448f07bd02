package io.diffusionad.diffusion;

import java.util.Locale;

/**
 * How much noise each of T timesteps adds, with the tables derived from it in float64 (Ho et al. 2020, <i>Denoising
 * diffusion probabilistic models</i>). Arrays are indexed by timestep 0 … T-1 and returned as copies. Immutable.
 */
public final class NoiseSchedule {
    private static final double MAX_COSINE_BETA = 0.999;

    private final String name;
    private final double[] betas;
    private final double[] alphasCumprod;
    private final double[] posteriorVariance;

    private NoiseSchedule(String name, double[] betas) {
        this.name = name;
        this.betas = betas;
        int steps = betas.length;
        alphasCumprod = new double[steps];
        posteriorVariance = new double[steps];
        double product = 1;
        for (int t = 0; t < steps; t++) {
            double previous = product;
            product *= 1 - betas[t];
            alphasCumprod[t] = product;
            posteriorVariance[t] = betas[t] * (1 - previous) / (1 - product);
        }
    }

    /** β from 1e-4·(1000/T) to 0.02·(1000/T) in equal steps. */
    public static NoiseSchedule linear(int timesteps) {
        requireTimesteps(timesteps);
        double scale = 1000.0 / timesteps;
        double first = scale * 0.0001;
        double last = scale * 0.02;
        double step = (last - first) / (timesteps - 1);
        double[] betas = new double[timesteps];
        for (int t = 0; t < timesteps; t++) {
            betas[t] = t == timesteps - 1 ? last : first + t * step;
        }
        if (!(last < 1)) {
            throw new IllegalArgumentException("a linear schedule of " + timesteps
                    + " timesteps would add more noise than there is: use at least 21");
        }
        return new NoiseSchedule("linear", betas);
    }

    /** {@code ᾱ(t) = cos²((t/T + 0.008)/1.008 · π/2)}, β at most 0.999 (Nichol and Dhariwal 2021). */
    public static NoiseSchedule cosine(int timesteps) {
        requireTimesteps(timesteps);
        double[] betas = new double[timesteps];
        for (int t = 0; t < timesteps; t++) {
            betas[t] = Math.min(
                    1 - cosineAlphaBar((t + 1.0) / timesteps) / cosineAlphaBar((double) t / timesteps),
                    MAX_COSINE_BETA);
        }
        return new NoiseSchedule("cosine", betas);
    }

    /** @param name {@code linear} or {@code cosine} */
    public static NoiseSchedule named(String name, int timesteps) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "linear" -> linear(timesteps);
            case "cosine" -> cosine(timesteps);
            default ->
                throw new IllegalArgumentException("unknown noise schedule '" + name + "': use linear or cosine");
        };
    }

    public String name() {
        return name;
    }

    /** T. */
    public int timesteps() {
        return betas.length;
    }

    public double[] betas() {
        return betas.clone();
    }

    /** ᾱ: the share of the image's variance that is left. */
    public double[] alphasCumprod() {
        return alphasCumprod.clone();
    }

    public double[] posteriorVariance() {
        return posteriorVariance.clone();
    }

    /** ᾱ at a timestep; 1 at -1, the clean image. */
    public double alphaBar(long t) {
        return t == -1 ? 1 : alphasCumprod[index(t)];
    }

    public double sqrtAlphaBar(long t) {
        return Math.sqrt(alphaBar(t));
    }

    public double sqrtOneMinusAlphaBar(long t) {
        return Math.sqrt(1 - alphaBar(t));
    }

    /** √(1/ᾱ). */
    public double sqrtRecipAlphaBar(long t) {
        return Math.sqrt(1 / alphaBar(t));
    }

    /** √(1/ᾱ - 1). */
    public double sqrtRecipMinusOneAlphaBar(long t) {
        return Math.sqrt(1 / alphaBar(t) - 1);
    }

    /** Logarithm of the posterior variance, with step 1's in place of step 0's, which is 0. */
    public double posteriorLogVarianceClipped(long t) {
        return Math.log(posteriorVariance[Math.max(1, index(t))]);
    }

    /** Factor of x0 in the posterior's mean. */
    public double posteriorMeanOfX0(long t) {
        return betas[index(t)] * Math.sqrt(alphaBar(t - 1)) / (1 - alphaBar(t));
    }

    /** Factor of x_t in the posterior's mean. */
    public double posteriorMeanOfXt(long t) {
        return (1 - alphaBar(t - 1)) * Math.sqrt(1 - betas[index(t)]) / (1 - alphaBar(t));
    }

    /** The fixed variance of an ancestral step: β_t, and the posterior's variance of step 1 at step 0. */
    public double ancestralVariance(long t) {
        return t == 0 ? posteriorVariance[1] : betas[index(t)];
    }

    /** @throws IllegalArgumentException when t is not in [0, T) */
    public void requireTimestep(String what, long t) {
        if (t < 0 || t >= betas.length) {
            throw new IllegalArgumentException(
                    what + " " + t + " is out of range: the schedule has timesteps 0 to " + (betas.length - 1));
        }
    }

    private int index(long t) {
        requireTimestep("timestep", t);
        return (int) t;
    }

    private static void requireTimesteps(int timesteps) {
        if (timesteps < 2) {
            throw new IllegalArgumentException("a noise schedule needs at least 2 timesteps, not " + timesteps);
        }
    }

    private static double cosineAlphaBar(double time) {
        double cosine = Math.cos((time + 0.008) / 1.008 * Math.PI / 2);
        return cosine * cosine;
    }
}
