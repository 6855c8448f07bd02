package io.diffusionad.testkit.reference;

import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.ConvolutionOps;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;

/**
 * Convolution by its definition: {@code y[n,p,q,k] = Σ_{r,s,c} x[n, p·stride + r - pad, q·stride + s - pad,
 * c]·w[k,r,s,c]}, zero outside.
 */
interface ReferenceConvolution extends ConvolutionOps {
    Workspace work();

    @Override
    default void conv2dForward(Tensor y, Tensor x, Weight w, Epilogue epilogue, Conv2d geometry) {
        convolve(y, work().read(x), narrowed(w.value(), x), w, epilogue, Sizes.of(x, y, geometry));
    }

    /** @param xs values of the input; @param weights (K, R, S, Cw) values to use for those of w */
    default void convolve(Tensor y, double[] xs, double[] weights, Weight w, Epilogue epilogue, Sizes z) {
        double[] ws = z.tapMajor(weights, w.value().dim(3), z.geometry.inputOffset()); // (R, S, C, K)
        double[] bias = work().readOrNull(epilogue.bias());
        double[] channelBias = work().readOrNull(epilogue.channelBias());
        double[] residual = work().readOrNull(epilogue.residual());
        double[] ys = new double[Math.toIntExact(y.elements())];
        Workspace.parallel(z.n * z.p, row -> {
            for (int q = 0; q < z.q; q++) {
                int at = (row * z.q + q) * z.k;
                for (int tap = 0; tap < z.taps(); tap++) {
                    int pixel = z.inputPixel(row / z.p, row % z.p, q, tap);
                    for (int c = 0; pixel >= 0 && c < z.c; c++) {
                        work().addScaled(ys, at, xs[pixel * z.c + c], ws, (tap * z.c + c) * z.k, z.k);
                    }
                }
                for (int k = 0; k < z.k; k++) {
                    double v = ys[at + k];
                    v = bias == null ? v : work().store(v + bias[k], y.dtype());
                    v = channelBias == null ? v : work().store(v + channelBias[row / z.p * z.k + k], y.dtype());
                    v = residual == null ? v : work().store(v + residual[at + k], y.dtype());
                    ys[at + k] = work().activate(epilogue.activation(), v);
                }
            }
        });
        work().write(y, ys);
    }

    @Override
    default void conv2dBackwardData(Tensor dx, Tensor dy, Weight w, Conv2d geometry, boolean accumulate) {
        Sizes z = Sizes.of(dx, dy, geometry);
        double[] dys = work().read(dy);
        double[] ws = narrowed(w.value(), dy);
        int weightChannels = w.value().dim(3);
        double[] dxs = new double[Math.toIntExact(dx.elements())];
        Workspace.parallel(z.n * z.h, row -> {
            for (int column = 0; column < z.w; column++) {
                for (int tap = 0; tap < z.taps(); tap++) {
                    int output = z.outputPixel(row / z.h, row % z.h, column, tap);
                    for (int k = 0; output >= 0 && k < z.k; k++) {
                        work().addScaled(
                                        dxs,
                                        (row * z.w + column) * z.c,
                                        dys[output * z.k + k],
                                        ws,
                                        (k * z.taps() + tap) * weightChannels + geometry.inputOffset(),
                                        z.c);
                    }
                }
            }
        });
        work().write(dx, dxs, accumulate);
    }

    @Override
    default void conv2dBackwardWeights(Tensor dw, Tensor dbias, Tensor dy, Tensor x, Conv2d geometry) {
        Sizes z = Sizes.of(x, dy, geometry);
        double[] xs = work().read(x);
        double[] dys = work().read(dy);
        double[] dws = work().read(dw);
        int weightChannels = dw.dim(3);
        Workspace.parallel(z.k * z.taps(), row -> {
            double[] sum = new double[z.c];
            for (int output = 0; output < z.n * z.p * z.q; output++) {
                int pixel = z.inputPixel(output / (z.p * z.q), output / z.q % z.p, output % z.q, row % z.taps());
                if (pixel >= 0) {
                    work().addScaled(sum, 0, dys[output * z.k + row / z.taps()], xs, pixel * z.c, z.c);
                }
            }
            work().addScaled(dws, row * weightChannels + geometry.inputOffset(), 1, sum, 0, z.c);
        });
        work().write(dw, dws);
        if (dbias != null) {
            double[] sum = new double[z.k];
            for (int output = 0; output < z.n * z.p * z.q; output++) {
                work().addScaled(sum, 0, 1, dys, output * z.k, z.k);
            }
            work().write(dbias, sum, true);
        }
    }

    /** A weight as a convolution over {@code activations} uses it: an implementation in bfloat16 narrows it. */
    private double[] narrowed(Tensor weight, Tensor activations) {
        double[] values = work().read(weight);
        if (activations.dtype() == DType.BFLOAT16) {
            for (int i = 0; i < values.length; i++) {
                values[i] = work().store(values[i], DType.BFLOAT16);
            }
        }
        return values;
    }

    /** Input (n, h, w, c) and output (p, q, k) sizes of a convolution. */
    record Sizes(int n, int h, int w, int c, int p, int q, int k, Conv2d geometry) {
        static Sizes of(Tensor input, Tensor output, Conv2d geometry) {
            return new Sizes(
                    input.dim(0),
                    input.dim(1),
                    input.dim(2),
                    input.dim(3),
                    output.dim(1),
                    output.dim(2),
                    output.dim(3),
                    geometry);
        }

        int taps() {
            return geometry.kernel() * geometry.kernel();
        }

        /** The input pixel (n·h + row)·w + column under a tap of an output pixel, or -1 in the padding. */
        int inputPixel(int sample, int outputRow, int outputColumn, int tap) {
            int row = outputRow * geometry.stride() + tap / geometry.kernel() - geometry.padding();
            int column = outputColumn * geometry.stride() + tap % geometry.kernel() - geometry.padding();
            return row < 0 || row >= h || column < 0 || column >= w ? -1 : (sample * h + row) * w + column;
        }

        /** The output pixel (n·p + row)·q + column whose tap reads an input pixel, or -1 if there is none. */
        int outputPixel(int sample, int inputRow, int inputColumn, int tap) {
            int row = inputRow + geometry.padding() - tap / geometry.kernel();
            int column = inputColumn + geometry.padding() - tap % geometry.kernel();
            boolean exists = row >= 0
                    && column >= 0
                    && row % geometry.stride() == 0
                    && column % geometry.stride() == 0
                    && row / geometry.stride() < p
                    && column / geometry.stride() < q;
            return exists ? (sample * p + row / geometry.stride()) * q + column / geometry.stride() : -1;
        }

        /** Weights (K, R, S, Cw) rearranged as (R, S, C, K), of the channels from {@code offset} on. */
        double[] tapMajor(double[] weights, int weightChannels, int offset) {
            double[] rearranged = new double[taps() * c * k];
            for (int out = 0; out < k; out++) {
                for (int tap = 0; tap < taps(); tap++) {
                    for (int in = 0; in < c; in++) {
                        rearranged[(tap * c + in) * k + out] =
                                weights[(out * taps() + tap) * weightChannels + offset + in];
                    }
                }
            }
            return rearranged;
        }
    }
}
