package io.diffusionad.verify;

import io.diffusionad.nn.ParameterStore;
import io.diffusionad.tensor.DType;

/**
 * Bounds for what the rounding of single optimisation steps explains.
 *
 * <p><b>Changes of parameters.</b> Adam divides a gradient by its own size: the first step moves every element by the
 * learning rate along the gradient's <i>sign</i>. Where two runs' gradients differ by a relative e, a share e/π of the
 * elements has another sign, which moves them the other way: relative energy 4e/π.
 *
 * <p><b>Losses.</b> Twice what the forward passes differ by, since they are squares or behave like them.
 */
final class TrajectoryBounds {
    private final RoundingModel unet;
    private final BatchNormRounding segmentation;

    TrajectoryBounds(DType precision, ParameterStore unet, ParameterStore segmentation) {
        this.unet = RoundingModel.of(precision, unet);
        this.segmentation = new BatchNormRounding(precision, segmentation);
    }

    /** Bound for the noise loss. */
    double noiseLoss() {
        return 2 * unet.forward();
    }

    /** Bound for the losses of the segmentation. */
    double segmentationLoss() {
        return 2 * (unet.forward() + segmentation.forward());
    }

    /** Bound for the change of a parameter of the UNet. */
    double unetChange() {
        return flippedSteps(unet.backward() + segmentation.backward());
    }

    /** Bound for the change of a parameter of the segmentation network. */
    double segmentationChange() {
        return flippedSteps(segmentation.backward());
    }

    private static double flippedSteps(double gradientError) {
        return Math.sqrt(4 * gradientError / Math.PI);
    }
}
