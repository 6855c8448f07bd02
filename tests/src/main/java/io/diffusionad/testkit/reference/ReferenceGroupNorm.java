package io.diffusionad.testkit.reference;

import io.diffusionad.ops.Activation;
import io.diffusionad.ops.NormalizationOps;
import io.diffusionad.ops.Resample;
import io.diffusionad.tensor.Tensor;

import java.util.Arrays;

/** Group normalisation as concatenate, normalise, activate, resample: one step after the other. */
interface ReferenceGroupNorm extends NormalizationOps {
    Workspace work();

    @Override
    default void groupNormForward(
            Tensor y,
            Tensor mean,
            Tensor rstd,
            Tensor x,
            Tensor xTail,
            Tensor gamma,
            Tensor beta,
            int groups,
            float eps,
            Activation activation,
            Resample resample) {
        work().write(y, groupNormalised(mean, rstd, x, xTail, gamma, beta, groups, eps, activation, resample));
    }

    /** The values of y; mean and rstd are written. */
    default double[] groupNormalised(
            Tensor mean,
            Tensor rstd,
            Tensor x,
            Tensor xTail,
            Tensor gamma,
            Tensor beta,
            int groups,
            float eps,
            Activation activation,
            Resample resample) {
        int channels = gamma.dim(0);
        int perGroup = channels / groups;
        int pixels = x.dim(1) * x.dim(2);
        double[] xs = concatenated(x, xTail);
        double[] scale = work().read(gamma);
        double[] shift = work().read(beta);
        double[] means = new double[x.dim(0) * groups];
        double[] rstds = new double[means.length];
        Workspace.parallel(means.length, ng -> {
            int first = ng / groups * pixels * channels + ng % groups * perGroup;
            double count = (double) pixels * perGroup;
            double sum = 0;
            for (int e = 0; e < pixels * perGroup; e++) {
                sum = work().round(sum + xs[first + e / perGroup * channels + e % perGroup]);
            }
            means[ng] = work().round(sum / count);
            double squares = 0;
            for (int e = 0; e < pixels * perGroup; e++) {
                double d = work().round(xs[first + e / perGroup * channels + e % perGroup] - means[ng]);
                squares = work().round(squares + work().round(d * d));
            }
            rstds[ng] = work().round(1 / Math.sqrt(work().round(squares / count + eps)));
        });
        double[] activated = new double[xs.length];
        Arrays.setAll(activated, i -> {
            int ng = i / channels / pixels * groups + i % channels / perGroup;
            double normalised = work().round(work().round(xs[i] - means[ng]) * rstds[ng]);
            double z = work().store(work().round(normalised * scale[i % channels]) + shift[i % channels], x.dtype());
            return work().store(work().activate(activation, z), x.dtype());
        });
        work().write(mean, means);
        work().write(rstd, rstds);
        return ReferenceResample.resampled(
                work(), activated, new int[] {x.dim(0), x.dim(1), x.dim(2), channels}, resample);
    }

    @Override
    default void groupNormBackward(
            Tensor dx,
            Tensor dxTail,
            Tensor dgamma,
            Tensor dbeta,
            Tensor dy,
            Tensor x,
            Tensor xTail,
            Tensor mean,
            Tensor rstd,
            Tensor gamma,
            Tensor beta,
            int groups,
            Activation activation,
            Resample resample,
            boolean accumulate) {
        int channels = gamma.dim(0);
        int perGroup = channels / groups;
        int pixels = x.dim(1) * x.dim(2);
        double[] xs = concatenated(x, xTail);
        double[] scale = work().read(gamma);
        double[] shift = work().read(beta);
        double[] means = work().read(mean);
        double[] rstds = work().read(rstd);
        double[] dz = ReferenceResample.resampledBackward(
                work(), work().read(dy), new int[] {x.dim(0), x.dim(1), x.dim(2), channels}, resample);
        double[] normalised = new double[xs.length];
        for (int i = 0; i < xs.length; i++) {
            int ng = i / channels / pixels * groups + i % channels / perGroup;
            normalised[i] = work().round(work().round(xs[i] - means[ng]) * rstds[ng]);
            double z = work().store(work().round(normalised[i] * scale[i % channels]) + shift[i % channels], x.dtype());
            dz[i] = work().store(work().store(dz[i], x.dtype()) * work().slope(activation, z), x.dtype());
        }
        ReferenceBatchNorm.addParameterGradients(work(), dgamma, dbeta, dz, normalised);

        double[] dxs = new double[xs.length];
        Workspace.parallel(means.length, ng -> {
            int first = ng / groups * pixels * channels + ng % groups * perGroup;
            double sum = 0;
            double product = 0;
            for (int e = 0; e < pixels * perGroup; e++) {
                int i = first + e / perGroup * channels + e % perGroup;
                double dn = work().round(dz[i] * scale[i % channels]);
                sum = work().round(sum + dn);
                product = work().round(product + work().round(dn * normalised[i]));
            }
            double count = (double) pixels * perGroup;
            for (int e = 0; e < pixels * perGroup; e++) {
                int i = first + e / perGroup * channels + e % perGroup;
                double dn = work().round(dz[i] * scale[i % channels]);
                double centred = work().round(work().round(dn - work().round(sum / count))
                        - work().round(normalised[i] * work().round(product / count)));
                dxs[i] = work().round(centred * rstds[ng]);
            }
        });
        work().write(dx, channelRange(dxs, channels, 0, x.dim(3)), accumulate);
        if (dxTail != null) {
            work().write(dxTail, channelRange(dxs, channels, x.dim(3), channels - x.dim(3)), accumulate);
        }
    }

    private double[] concatenated(Tensor x, Tensor xTail) {
        double[] head = work().read(x);
        if (xTail == null) {
            return head;
        }
        double[] tail = work().read(xTail);
        int c1 = x.dim(3);
        int c2 = xTail.dim(3);
        double[] both = new double[head.length + tail.length];
        for (int pixel = 0; pixel < head.length / c1; pixel++) {
            System.arraycopy(head, pixel * c1, both, pixel * (c1 + c2), c1);
            System.arraycopy(tail, pixel * c2, both, pixel * (c1 + c2) + c1, c2);
        }
        return both;
    }

    private static double[] channelRange(double[] values, int channels, int from, int count) {
        double[] range = new double[values.length / channels * count];
        for (int pixel = 0; pixel < values.length / channels; pixel++) {
            System.arraycopy(values, pixel * channels + from, range, pixel * count, count);
        }
        return range;
    }
}
