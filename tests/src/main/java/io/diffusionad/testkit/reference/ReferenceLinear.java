package io.diffusionad.testkit.reference;

import io.diffusionad.ops.LinearOps;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;

/** The time embedding's layers as plain sums. */
interface ReferenceLinear extends LinearOps {
    Workspace work();

    @Override
    default void timestepEmbedding(Tensor y, Tensor t) {
        long[] steps = work().memory().readLongs(t);
        int half = y.dim(1) / 2;
        double[] ys = new double[Math.toIntExact(y.elements())];
        for (int n = 0; n < steps.length; n++) {
            for (int i = 0; i < half; i++) {
                double frequency = work().round(Math.exp(work().round(-i * work().round(Math.log(10000)) / half)));
                double angle = work().round(steps[n] * frequency);
                ys[n * 2 * half + i] = Math.sin(angle);
                ys[n * 2 * half + half + i] = Math.cos(angle);
            }
        }
        work().write(y, ys);
    }

    @Override
    default void linearForward(Tensor y, Tensor x, Weight w, Tensor bias) {
        int inputs = x.dim(1);
        int outputs = y.dim(1);
        double[] xs = work().read(x);
        double[] ws = work().read(w.value());
        double[] bs = work().read(bias);
        double[] ys = new double[Math.toIntExact(y.elements())];
        Workspace.parallel(ys.length, i -> {
            double sum = 0;
            for (int c = 0; c < inputs; c++) {
                sum = work().round(sum + work().round(xs[i / outputs * inputs + c] * ws[i % outputs * inputs + c]));
            }
            ys[i] = work().round(sum + bs[i % outputs]);
        });
        work().write(y, ys);
    }

    @Override
    default void linearBackwardData(Tensor dx, Tensor dy, Weight w, boolean accumulate) {
        int inputs = dx.dim(1);
        int outputs = dy.dim(1);
        double[] dys = work().read(dy);
        double[] ws = work().read(w.value());
        double[] dxs = new double[Math.toIntExact(dx.elements())];
        Workspace.parallel(dx.dim(0), n -> {
            for (int k = 0; k < outputs; k++) {
                work().addScaled(dxs, n * inputs, dys[n * outputs + k], ws, k * inputs, inputs);
            }
        });
        work().write(dx, dxs, accumulate);
    }

    @Override
    default void linearBackwardWeights(Tensor dw, Tensor dbias, Tensor dy, Tensor x) {
        int inputs = x.dim(1);
        int outputs = dy.dim(1);
        double[] dys = work().read(dy);
        double[] xs = work().read(x);
        double[] weightGradient = new double[Math.toIntExact(dw.elements())];
        double[] biasGradient = new double[outputs];
        Workspace.parallel(outputs, k -> {
            for (int n = 0; n < x.dim(0); n++) {
                work().addScaled(weightGradient, k * inputs, dys[n * outputs + k], xs, n * inputs, inputs);
                biasGradient[k] = work().round(biasGradient[k] + dys[n * outputs + k]);
            }
        });
        work().write(dw, weightGradient, true);
        work().write(dbias, biasGradient, true);
    }

    @Override
    default void channelBiasBackward(Tensor dchannelBias, Tensor dy) {
        int channels = dy.dim(3);
        double[] dys = work().read(dy);
        double[] sums = new double[Math.toIntExact(dchannelBias.elements())];
        int pixels = dys.length / sums.length;
        for (int pixel = 0; pixel < dys.length / channels; pixel++) {
            work().addScaled(sums, pixel / pixels * channels, 1, dys, pixel * channels, channels);
        }
        work().write(dchannelBias, sums);
    }
}
