package io.diffusionad.testkit.reference;

import io.diffusionad.ops.Activation;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.ops.Quantization;
import io.diffusionad.ops.QuantizedOps;
import io.diffusionad.ops.Resample;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;

import java.util.Arrays;

/** Int8 inference as its definition says: round to the nearest step after the normalisation, and convolve what the 8-bit numbers stand for. */
interface ReferenceQuantized extends QuantizedOps, ReferenceGroupNorm, ReferenceConvolution {
    @Override
    default void groupNormForwardQuantized(Tensor y, Quantization quantization, Tensor mean, Tensor rstd, Tensor x, Tensor xTail, Tensor gamma, Tensor beta,
                                           int groups, float eps, Activation activation, Resample resample) {
        double[] values = groupNormalised(mean, rstd, x, xTail, gamma, beta, groups, eps, activation, resample);
        work().write(y, Arrays.stream(values)
                .map(v -> Math.min(Math.max(Math.rint(v / quantization.scale()) + quantization.zeroPoint(), 0), 255)).toArray());
    }

    @Override
    default void conv2dForwardQuantized(Tensor y, Tensor x, Quantization quantization, Weight w, Epilogue epilogue, Conv2d geometry) {
        ReferenceConvolution.Sizes z = ReferenceConvolution.Sizes.of(x, y, geometry);
        double[] xs = Arrays.stream(work().read(x)).map(q -> (q - quantization.zeroPoint()) * quantization.scale()).toArray();
        convolve(y, xs, int8Weights(work().read(w.value()), w.value().dim(3), z), w, epilogue, z);
    }

    @Override
    default void conv2dForwardRounded(Tensor y, Tensor x, Tensor xTail, Weight w, Tensor bias) {
        int c = x.dim(3);
        int tail = xTail == null ? 0 : xTail.dim(3);
        double[] xs = work().read(x);
        double[] tails = xTail == null ? new double[0] : work().read(xTail);
        for (int pixel = 0; pixel < xs.length / c; pixel++) {
            double largest = 0;
            for (int i = 0; i < c + tail; i++) {
                largest = Math.max(largest, Math.abs(i < c ? xs[pixel * c + i] : tails[pixel * tail + i - c]));
            }
            double step = largest > 0 ? largest / 127 : 1;
            for (int i = 0; i < c + tail; i++) {
                if (i < c) {
                    xs[pixel * c + i] = Math.rint(xs[pixel * c + i] / step) * step;
                } else {
                    tails[pixel * tail + i - c] = Math.rint(tails[pixel * tail + i - c] / step) * step;
                }
            }
        }
        double[] weights = rounded(work().read(w.value()), y.dim(3), c + tail);
        convolve(y, xs, weights, w, new Epilogue(bias, null, null, Activation.NONE), ReferenceConvolution.Sizes.of(x, y, Conv2d.of(1)));
        if (xTail != null) {
            convolve(y, tails, weights, w, Epilogue.NONE.withResidual(y), ReferenceConvolution.Sizes.of(xTail, y, Conv2d.of(1).withInputOffset(c)));
        }
    }

    /** Of each of k filters, symmetric. */
    private static double[] rounded(double[] weights, int k, int channels) {
        double[] rounded = weights.clone();
        for (int filter = 0; filter < k; filter++) {
            double largest = Arrays.stream(weights, filter * channels, (filter + 1) * channels).map(Math::abs).max().orElseThrow();
            double step = largest > 0 ? largest / 127 : 1;
            for (int i = filter * channels; i < (filter + 1) * channels; i++) {
                rounded[i] = Math.rint(weights[i] / step) * step;
            }
        }
        return rounded;
    }

    /** What the int8 weights of the channels that apply stand for. */
    private static double[] int8Weights(double[] weights, int weightChannels, ReferenceConvolution.Sizes z) {
        double[] rounded = weights.clone();
        int first = z.geometry().inputOffset();
        for (int k = 0; k < z.k(); k++) {
            float largest = 0;
            for (int tap = k * z.taps(); tap < (k + 1) * z.taps(); tap++) {
                for (int c = first; c < first + z.c(); c++) {
                    largest = Math.max(largest, (float) Math.abs(weights[tap * weightChannels + c]));
                }
            }
            float step = largest > 0 ? largest / 127 : 1;
            for (int tap = k * z.taps(); tap < (k + 1) * z.taps(); tap++) {
                for (int c = first; c < first + z.c(); c++) {
                    rounded[tap * weightChannels + c] = Math.rint(weights[tap * weightChannels + c] / step) * step;
                }
            }
        }
        return rounded;
    }
}
