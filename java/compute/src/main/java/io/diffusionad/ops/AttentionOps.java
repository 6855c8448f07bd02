package io.diffusionad.ops;

import io.diffusionad.tensor.Tensor;

/** Multi-head self-attention over pixels; softmax in float32, the score matrix never in memory as a whole tensor. */
public interface AttentionOps {
    /**
     * {@code y = softmax(q·kᵀ/√d)·v} for every sample and head, d = C / heads.
     *
     * @param y (N, T, C)
     * @param logSumExp (N, heads, T) float32 out: {@code log Σ_j exp(q_i·k_j/√d)}, each row's softmax denominator, for
     *     the backward pass
     * @param qkv (N, T, 3C), channels laid out head-major: (head, [q, k, v], d)
     */
    void attentionForward(Tensor y, Tensor logSumExp, Tensor qkv, int heads);

    /** @param dqkv like qkv; @param dy like y */
    void attentionBackward(Tensor dqkv, Tensor dy, Tensor y, Tensor qkv, Tensor logSumExp, int heads);
}
