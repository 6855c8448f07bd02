package io.diffusionad.ops;

import io.diffusionad.tensor.Tensor;

/** The losses of SPEC §8 together with their gradients. All float32. */
public interface LossOps {
    /**
     * Mean squared error a sample, and its weighted gradient: {@code loss[n] = mean((eps - noise)²)}, {@code deps[n] =
     * (accumulate ? deps[n] : 0) + weight[n]·2·(eps - noise) / elementsPerSample}.
     *
     * @param loss (N) out, unweighted; @param deps like eps; @param weight (N)
     */
    void squaredErrorForwardBackward(
            Tensor loss, Tensor deps, Tensor eps, Tensor noise, Tensor weight, boolean accumulate);

    /**
     * Focal loss {@code mean(alpha·(1-p_t)^gamma·BCE)}, {@code p_t = exp(-BCE)}, logarithms of BCE clamped at -100, and
     * smooth L1 with β = 1, both between probabilities and a mask in [0, 1].
     *
     * @param losses (2) out: focal, smooth L1, each unweighted
     * @param dpred like pred: {@code focalWeight·dfocal + smoothWeight·dsmooth}
     */
    void segmentationLossForwardBackward(
            Tensor losses, Tensor dpred, Tensor pred, Tensor mask, SegmentationLoss settings);

    /** Weights and shape of the segmentation loss; the reference has alpha 0.5, gamma 4, weights 5 and 1. */
    record SegmentationLoss(float alpha, float gamma, float focalWeight, float smoothWeight) {
        public static final SegmentationLoss DEFAULT = new SegmentationLoss(0.5f, 4f, 5f, 1f);
    }
}
