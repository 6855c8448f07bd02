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

/**
 * Int8 inference as its definition says: round to the nearest step after the normalisation, and convolve what the 8-bit
 * numbers stand for.
 */
interface ReferenceQuantized extends QuantizedOps, ReferenceGroupNorm, ReferenceConvolution {
    @Override
    default void groupNormForwardQuantized(
            Tensor y,
            Quantization quantization,
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
        double[] values = groupNormalised(mean, rstd, x, xTail, gamma, beta, groups, eps, activation, resample);
        work().write(
                        y,
                        Arrays.stream(values)
                                .map(v -> Math.min(
                                        Math.max(Math.rint(v / quantization.scale()) + quantization.zeroPoint(), 0),
                                        255))
                                .toArray());
    }

    @Override
    default void conv2dForwardQuantized(
            Tensor y, Tensor x, Quantization quantization, Weight w, Epilogue epilogue, Conv2d geometry) {
        ReferenceConvolution.Sizes z = ReferenceConvolution.Sizes.of(x, y, geometry);
        double[] xs = Arrays.stream(work().read(x))
                .map(q -> (q - quantization.zeroPoint()) * quantization.scale())
                .toArray();
        convolve(y, xs, int8Weights(work().read(w.value()), w.value().dim(3), z), w, epilogue, z);
    }

    @Override
    default void conv2dForwardRounded(Tensor y, Tensor x, Tensor xTail, Weight w, Tensor bias) {
        int c = x.dim(3);
        int tail = xTail == null ? 0 : xTail.dim(3);
        double[] xs = work().read(x);
        double[] tails = work().readOrNull(xTail);
        double[] both = new double[xs.length / c * (c + tail)];
        for (int pixel = 0; pixel < xs.length / c; pixel++) {
            System.arraycopy(xs, pixel * c, both, pixel * (c + tail), c);
            if (xTail != null) {
                System.arraycopy(tails, pixel * tail, both, pixel * (c + tail) + c, tail);
            }
        }
        ReferenceConvolution.Sizes z = new ReferenceConvolution.Sizes(
                y.dim(0), y.dim(1), y.dim(2), c + tail, y.dim(1), y.dim(2), y.dim(3), Conv2d.of(1));
        convolve(
                y,
                roundedRows(both, c + tail),
                roundedRows(work().read(w.value()), c + tail),
                w,
                new Epilogue(bias, null, null, Activation.NONE),
                z);
    }

    /** Each row to 127 steps on either side of zero. */
    private static double[] roundedRows(double[] values, int length) {
        double[] rounded = values.clone();
        for (int row = 0; row < values.length; row += length) {
            double largest = Arrays.stream(values, row, row + length)
                    .map(Math::abs)
                    .max()
                    .orElseThrow();
            double step = largest > 0 ? largest / 127 : 1;
            for (int i = row; i < row + length; i++) {
                rounded[i] = Math.rint(values[i] / step) * step;
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
