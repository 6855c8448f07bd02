package io.diffusionad.testkit.reference;

import io.diffusionad.ops.LossOps;
import io.diffusionad.tensor.Tensor;

/**
 * Losses and gradients by their definitions; the gradient of BCE divides by {@code max(p·(1-p), 1e-12)} as PyTorch's
 * does.
 */
interface ReferenceLoss extends LossOps {
    Workspace work();

    @Override
    default void squaredErrorForwardBackward(
            Tensor loss, Tensor deps, Tensor eps, Tensor noise, Tensor weight, boolean accumulate) {
        double[] predicted = work().read(eps);
        double[] noises = work().read(noise);
        double[] weights = work().read(weight);
        int perSample = predicted.length / weights.length;
        double[] losses = new double[weights.length];
        double[] gradient = new double[predicted.length];
        for (int i = 0; i < predicted.length; i++) {
            double difference = work().round(predicted[i] - noises[i]);
            losses[i / perSample] = work().round(losses[i / perSample] + work().round(difference * difference));
            gradient[i] = work().round(work().round(weights[i / perSample] * 2 / perSample) * difference);
        }
        for (int n = 0; n < losses.length; n++) {
            losses[n] = work().round(losses[n] / perSample);
        }
        work().write(loss, losses);
        work().write(deps, gradient, accumulate);
    }

    @Override
    default void segmentationLossForwardBackward(
            Tensor losses, Tensor dpred, Tensor pred, Tensor mask, SegmentationLoss settings) {
        double[] probabilities = work().read(pred);
        double[] masks = work().read(mask);
        double alpha = settings.alpha();
        double gamma = settings.gamma();
        double focal = 0;
        double smooth = 0;
        double[] gradient = new double[probabilities.length];
        for (int i = 0; i < gradient.length; i++) {
            double p = probabilities[i];
            double m = masks[i];
            double bce = work().round(-(work().round(m * Math.max(Math.log(p), -100))
                    + work().round((1 - m) * Math.max(work().round(Math.log(1 - p)), -100))));
            double pt = work().round(Math.exp(-bce));
            double miss = work().round(1 - pt);
            double difference = work().round(p - m);
            focal = work().round(focal + work().round(alpha * Math.pow(miss, gamma) * bce));
            smooth = work().round(smooth
                    + (Math.abs(difference) < 1
                            ? work().round(0.5 * difference * difference)
                            : Math.abs(difference) - 0.5));

            double dbce = work().round(difference / Math.max(work().round(p * (1 - p)), 1e-12));
            double dfocal = work().round(alpha
                            * work().round(Math.pow(miss, gamma) + gamma * Math.pow(miss, gamma - 1) * pt * bce))
                    * dbce;
            double dsmooth = Math.max(-1, Math.min(1, difference));
            gradient[i] = work().round(
                            (settings.focalWeight() * work().round(dfocal) + settings.smoothWeight() * dsmooth)
                                    / gradient.length);
        }
        work().write(losses, new double[] {work().round(focal / gradient.length), work().round(smooth / gradient.length)
        });
        work().write(dpred, gradient);
    }
}
