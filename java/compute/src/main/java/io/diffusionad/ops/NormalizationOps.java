package io.diffusionad.ops;

import io.diffusionad.tensor.Tensor;

/** Group normalisation (with SiLU and a change of resolution fused) and batch normalisation (with ReLU fused). */
public interface NormalizationOps {
    /**
     * {@code y = resample(activation((x - mean)·rstd·gamma + beta))}, statistics over a group's channels and all pixels
     * of a sample.
     *
     * @param y (N, H', W', C) with C = channels of x plus channels of xTail
     * @param mean (N, G) out; @param rstd (N, G) out: 1 / sqrt(variance + eps), biased variance
     * @param x (N, H, W, C1)
     * @param xTail (N, H, W, C2), or null: the second part of a concatenation that is never materialised; a group may
     *     span both parts
     * @param activation NONE or SILU
     */
    void groupNormForward(
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
            Resample resample);

    /**
     * @param dx like x, added to when {@code accumulate}; @param dxTail like xTail, or null with it; same rule
     * @param dgamma (C) +=; @param dbeta (C) +=
     * @param dy like y of the forward pass
     */
    void groupNormBackward(
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
            boolean accumulate);

    /**
     * Training mode: statistics over the batch; running statistics move by {@code momentum}, the variance unbiased.
     *
     * @param y (N, H, W, C); @param mean (C) out; @param rstd (C) out
     * @param runningMean (C) updated; @param runningVar (C) updated
     * @param activation NONE or RELU
     */
    void batchNormForwardTraining(
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
            Activation activation);

    /** Evaluation mode: the running statistics normalise. */
    void batchNormForwardInference(
            Tensor y,
            Tensor x,
            Tensor gamma,
            Tensor beta,
            Tensor runningMean,
            Tensor runningVar,
            float eps,
            Activation activation);

    /**
     * Backward of training mode. dx may be dy itself.
     *
     * @param mean (C), rstd (C): as the forward pass wrote them
     */
    void batchNormBackward(
            Tensor dx,
            Tensor dgamma,
            Tensor dbeta,
            Tensor dy,
            Tensor x,
            Tensor mean,
            Tensor rstd,
            Tensor gamma,
            Tensor beta,
            Activation activation);
}
