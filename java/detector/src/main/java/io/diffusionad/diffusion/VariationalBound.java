package io.diffusionad.diffusion;

import io.diffusionad.device.Transfers;
import io.diffusionad.nn.Pass;
import io.diffusionad.nn.UNet;
import io.diffusionad.tensor.Tensor;

import java.util.Arrays;

/**
 * The variational bound on the negative log likelihood of images under the model, in bits per dimension (Ho et al.
 * 2020; Nichol and Dhariwal 2021), computed on the host from the network's prediction. Images are taken as in [-1, 1]
 * with 256 levels.
 */
public final class VariationalBound {
    private static final float LEVEL_HALF_WIDTH = 1f / 255;
    private static final float EDGE = 0.999f;
    private static final float SMALLEST_PROBABILITY = 1e-12f;

    private final UNet unet;
    private final NoiseSchedule schedule;

    /**
     * @param bitsPerDimension the bound's term, one a sample
     * @param x0 the clamped x̂0 (N, H, W, 3), flat in NHWC order
     */
    public record Terms(double[] bitsPerDimension, float[] x0) {}

    public VariationalBound(UNet unet, NoiseSchedule schedule) {
        this.unet = unet;
        this.schedule = schedule;
    }

    /**
     * One term of the bound a sample: the divergence between the true and the model's step from t to t - 1, or at t = 0
     * the negative log likelihood of the image's levels.
     *
     * @param x0 images (N, H, W, 3) float32
     * @param noise like x0
     * @param t N timesteps
     */
    public Terms terms(Pass pass, Tensor x0, Tensor noise, long... t) {
        int n = x0.dim(0);
        try (var scope = pass.arena().scope()) {
            Tensor xt = pass.float32(x0.dims());
            pass.ops().addNoise(xt, x0, noise, pass.upload(new int[] {n, 2}, Coefficients.addNoise(schedule, t)));
            Tensor eps = unet.forward(pass, xt, pass.upload(t));
            Tensor predicted = pass.float32(x0.dims());
            pass.ops()
                    .predictX0(predicted, xt, eps, pass.upload(new int[] {n, 2}, Coefficients.predictX0(schedule, t)));
            float[] clean = Transfers.toFloats(pass.device(), x0);
            float[] noised = Transfers.toFloats(pass.device(), xt);
            float[] guess = Transfers.toFloats(pass.device(), predicted);
            double[] bits = new double[n];
            int size = clean.length / n;
            for (int sample = 0; sample < n; sample++) {
                bits[sample] = term(clean, noised, guess, sample * size, size, t[sample]);
            }
            return new Terms(bits, guess);
        }
    }

    /**
     * The whole bound a sample: the terms of all T timesteps and the divergence of the fully noised image from a
     * standard normal one.
     *
     * @param noise draw t is timestep t's
     */
    public double[] total(Pass pass, Tensor x0, NoiseSource noise) {
        double[] bits = prior(Transfers.toFloats(pass.device(), x0), x0.dim(0));
        for (int t = schedule.timesteps() - 1; t >= 0; t--) {
            try (var scope = pass.arena().scope()) {
                Tensor drawn = pass.float32(x0.dims());
                noise.fill(pass, drawn, t);
                long[] timesteps = new long[x0.dim(0)];
                Arrays.fill(timesteps, t);
                double[] terms = terms(pass, x0, drawn, timesteps).bitsPerDimension;
                for (int n = 0; n < bits.length; n++) {
                    bits[n] += terms[n];
                }
            }
        }
        return bits;
    }

    private double[] prior(float[] x0, int n) {
        long last = schedule.timesteps() - 1L;
        double scale = schedule.sqrtAlphaBar(last);
        double logVariance = Math.log(1 - schedule.alphaBar(last));
        int size = x0.length / n;
        double[] bits = new double[n];
        for (int i = 0; i < x0.length; i++) {
            bits[i / size] += normalDivergence(scale * x0[i], logVariance, 0, 0) / size / Math.log(2);
        }
        return bits;
    }

    private double term(float[] x0, float[] xt, float[] predicted, int offset, int size, long t) {
        double ofX0 = schedule.posteriorMeanOfX0(t);
        double ofXt = schedule.posteriorMeanOfXt(t);
        double trueLogVariance = schedule.posteriorLogVarianceClipped(t);
        double modelLogVariance = Math.log(schedule.ancestralVariance(t));
        double sum = 0;
        for (int i = offset; i < offset + size; i++) {
            double modelMean = ofX0 * predicted[i] + ofXt * xt[i];
            sum += t == 0
                    ? -levelLogLikelihood(x0[i], (float) modelMean, (float) (0.5 * modelLogVariance))
                    : normalDivergence(ofX0 * x0[i] + ofXt * xt[i], trueLogVariance, modelMean, modelLogVariance);
        }
        return sum / size / Math.log(2);
    }

    /** KL divergence of the first normal distribution from the second, in nats. */
    private static double normalDivergence(double mean1, double logVariance1, double mean2, double logVariance2) {
        double difference = mean1 - mean2;
        return 0.5
                * (-1
                        + logVariance2
                        - logVariance1
                        + Math.exp(logVariance1 - logVariance2)
                        + difference * difference * Math.exp(-logVariance2));
    }

    /**
     * Log probability of the level around x under a normal distribution, the outermost levels reaching to infinity. In
     * float32, as in the reference: where the two cumulative probabilities round to the same number, the floor of 1e-12
     * takes over, and that is part of the recorded bound.
     */
    private static double levelLogLikelihood(float x, float mean, float logScale) {
        float inverseScale = (float) Math.exp(-logScale);
        float upper = cumulative(inverseScale * (x - mean + LEVEL_HALF_WIDTH));
        float lower = cumulative(inverseScale * (x - mean - LEVEL_HALF_WIDTH));
        float probability = x < -EDGE ? upper : x > EDGE ? 1f - lower : upper - lower;
        return Math.log(Math.max(probability, SMALLEST_PROBABILITY));
    }

    /** Standard normal cumulative distribution by the reference's tanh approximation. */
    private static float cumulative(float x) {
        float argument = (float) Math.sqrt(2 / Math.PI) * (x + 0.044715f * (x * x * x));
        return 0.5f * (1f + (float) Math.tanh(argument));
    }
}
