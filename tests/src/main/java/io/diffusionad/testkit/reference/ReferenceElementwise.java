package io.diffusionad.testkit.reference;

import io.diffusionad.ops.Activation;
import io.diffusionad.ops.ElementwiseOps;
import io.diffusionad.tensor.Tensor;

import java.util.Arrays;

/** Pointwise operations. */
interface ReferenceElementwise extends ElementwiseOps {
    Workspace work();

    @Override
    default void fill(Tensor y, float value) {
        double[] ys = new double[Math.toIntExact(y.elements())];
        Arrays.fill(ys, value);
        work().write(y, ys);
    }

    @Override
    default void copy(Tensor y, Tensor x) {
        work().write(y, work().read(x));
    }

    @Override
    default void addScaled(Tensor y, Tensor x, float scale) {
        double[] ys = work().read(y);
        double[] xs = work().read(x);
        work().addScaled(ys, 0, scale, xs, 0, ys.length);
        work().write(y, ys);
    }

    @Override
    default void activationForward(Tensor y, Tensor x, Activation activation) {
        work().write(
                        y,
                        Arrays.stream(work().read(x))
                                .map(v -> work().activate(activation, v))
                                .toArray());
    }

    @Override
    default void activationBackward(Tensor dx, Tensor dy, Tensor x, Activation activation) {
        double[] xs = work().read(x);
        double[] gradient = work().read(dy);
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] *= switch (activation) {
                case NONE -> 1;
                case SILU -> work().slope(Activation.SILU, xs[i]);
                case RELU -> xs[i] > 0 ? 1 : 0;
                case SIGMOID -> xs[i] * (1 - xs[i]);
            };
        }
        work().write(dx, gradient);
    }

    @Override
    default void adamStep(Tensor p, Tensor m, Tensor v, Tensor g, AdamSettings settings, float learningRate, int step) {
        double[] values = work().read(p);
        double[] first = work().read(m);
        double[] second = work().read(v);
        double[] gradients = work().read(g);
        double beta1 = settings.beta1();
        double beta2 = settings.beta2();
        double correction1 = work().round(1 - Math.pow(beta1, step));
        double correction2 = work().round(1 - Math.pow(beta2, step));
        for (int i = 0; i < values.length; i++) {
            double gradient = work().round(gradients[i] + work().round(settings.weightDecay() * values[i]));
            first[i] = work().round(work().round(beta1 * first[i]) + work().round(work().round(1 - beta1) * gradient));
            second[i] = work().round(work().round(beta2 * second[i])
                    + work().round(work().round(1 - beta2) * work().round(gradient * gradient)));
            double size = work().round(work().round(Math.sqrt(work().round(second[i] / correction2))) + settings.eps());
            values[i] = work().round(values[i]
                    - work().round(learningRate * work().round(work().round(first[i] / correction1) / size)));
        }
        work().write(m, first);
        work().write(v, second);
        work().write(p, values);
    }
}
