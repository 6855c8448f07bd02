package io.diffusionad.testkit.reference;

import io.diffusionad.ops.Activation;
import io.diffusionad.ops.NormalizationOps;
import io.diffusionad.tensor.Tensor;

import java.util.Arrays;

/** Batch normalisation: statistics of a channel over samples and pixels. */
interface ReferenceBatchNorm extends NormalizationOps {
    Workspace work();

    @Override
    default void batchNormForwardTraining(
            Tensor y,
            Tensor mean,
            Tensor rstd,
            Tensor runningMean,
            Tensor runningVar,
            Tensor x,
            Tensor gamma,
            Tensor beta,
            float momentum,
            float eps,
            Activation activation) {
        int channels = gamma.dim(0);
        double[] xs = work().read(x);
        int count = xs.length / channels;
        double[] means = new double[channels];
        double[] variances = new double[channels];
        double[] rstds = new double[channels];
        Workspace.parallel(channels, c -> {
            double sum = 0;
            for (int e = 0; e < count; e++) {
                sum = work().round(sum + xs[e * channels + c]);
            }
            means[c] = work().round(sum / count);
            double squares = 0;
            for (int e = 0; e < count; e++) {
                double d = work().round(xs[e * channels + c] - means[c]);
                squares = work().round(squares + work().round(d * d));
            }
            variances[c] = work().round(squares / count);
            rstds[c] = work().round(1 / Math.sqrt(work().round(variances[c] + eps)));
        });
        work().write(y, normalised(xs, x, means, rstds, gamma, beta, activation));
        work().write(mean, means);
        work().write(rstd, rstds);

        double keep = work().round(1 - (double) momentum);
        double[] mean1 = work().read(runningMean);
        double[] variance1 = work().read(runningVar);
        for (int c = 0; c < channels; c++) {
            double unbiased = work().round(variances[c] * count / (count - 1));
            mean1[c] = work().round(work().round(keep * mean1[c]) + work().round(momentum * means[c]));
            variance1[c] = work().round(work().round(keep * variance1[c]) + work().round(momentum * unbiased));
        }
        work().write(runningMean, mean1);
        work().write(runningVar, variance1);
    }

    @Override
    default void batchNormForwardInference(
            Tensor y,
            Tensor x,
            Tensor gamma,
            Tensor beta,
            Tensor runningMean,
            Tensor runningVar,
            float eps,
            Activation activation) {
        double[] rstds = Arrays.stream(work().read(runningVar))
                .map(v -> work().round(1 / Math.sqrt(work().round(v + eps))))
                .toArray();
        work().write(y, normalised(work().read(x), x, work().read(runningMean), rstds, gamma, beta, activation));
    }

    private double[] normalised(
            double[] xs, Tensor x, double[] means, double[] rstds, Tensor gamma, Tensor beta, Activation activation) {
        int channels = means.length;
        double[] scale = work().read(gamma);
        double[] shift = work().read(beta);
        double[] ys = new double[xs.length];
        Arrays.setAll(ys, i -> {
            int c = i % channels;
            double normalised = work().round(work().round(xs[i] - means[c]) * rstds[c]);
            double z = work().store(work().round(normalised * scale[c]) + shift[c], x.dtype());
            return work().activate(activation, z);
        });
        return ys;
    }

    @Override
    default void batchNormBackward(
            Tensor dx,
            Tensor dgamma,
            Tensor dbeta,
            Tensor dy,
            Tensor x,
            Tensor mean,
            Tensor rstd,
            Tensor gamma,
            Tensor beta,
            Activation activation) {
        int channels = gamma.dim(0);
        double[] xs = work().read(x);
        double[] scale = work().read(gamma);
        double[] shift = work().read(beta);
        double[] means = work().read(mean);
        double[] rstds = work().read(rstd);
        double[] dz = work().read(dy);
        double[] normalised = new double[xs.length];
        for (int i = 0; i < xs.length; i++) {
            int c = i % channels;
            normalised[i] = work().round(work().round(xs[i] - means[c]) * rstds[c]);
            dz[i] *= work().slope(activation, work().round(normalised[i] * scale[c]) + shift[c]);
        }
        addParameterGradients(work(), dgamma, dbeta, dz, normalised);

        int count = xs.length / channels;
        double[] dxs = new double[xs.length];
        Workspace.parallel(channels, c -> {
            double sum = 0;
            double product = 0;
            for (int i = c; i < dz.length; i += channels) {
                sum = work().round(sum + dz[i]);
                product = work().round(product + work().round(dz[i] * normalised[i]));
            }
            for (int i = c; i < dz.length; i += channels) {
                double centred = work().round(work().round(dz[i] - work().round(sum / count))
                        - work().round(normalised[i] * work().round(product / count)));
                dxs[i] = work().round(work().round(centred * scale[c]) * rstds[c]);
            }
        });
        work().write(dx, dxs);
    }

    /** {@code dgamma += Σ dz·normalised; dbeta += Σ dz} over everything but channels. */
    static void addParameterGradients(Workspace work, Tensor dgamma, Tensor dbeta, double[] dz, double[] normalised) {
        int channels = dgamma.dim(0);
        double[] scaleGradient = new double[channels];
        double[] shiftGradient = new double[channels];
        for (int i = 0; i < dz.length; i++) {
            int c = i % channels;
            scaleGradient[c] = work.round(scaleGradient[c] + work.round(dz[i] * normalised[i]));
            shiftGradient[c] = work.round(shiftGradient[c] + dz[i]);
        }
        work.write(dgamma, scaleGradient, true);
        work.write(dbeta, shiftGradient, true);
    }
}
