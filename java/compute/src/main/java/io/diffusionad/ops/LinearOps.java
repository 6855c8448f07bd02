package io.diffusionad.ops;

import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;

/** The small float32 layers of the time embedding. */
public interface LinearOps {
    /**
     * Sinusoids: {@code y[n] = [sin(t·f_i), cos(t·f_i)]}, {@code f_i = exp(-i·ln(10000)/half)}, half = D/2; @param y
     * (N, D); @param t (N) int64
     */
    void timestepEmbedding(Tensor y, Tensor t);

    /** {@code y = x·wᵀ + bias}; @param y (N, K); @param x (N, C); @param w (K, C); @param bias (K) */
    void linearForward(Tensor y, Tensor x, Weight w, Tensor bias);

    /** @param dx (N, C), added to when {@code accumulate} */
    void linearBackwardData(Tensor dx, Tensor dy, Weight w, boolean accumulate);

    /** @param dw (K, C) +=; @param dbias (K) += */
    void linearBackwardWeights(Tensor dw, Tensor dbias, Tensor dy, Tensor x);

    /**
     * Sum over pixels: the gradient of a convolution's per-sample channel bias; @param dchannelBias (N, K) float32
     * =; @param dy (N, P, Q, K)
     */
    void channelBiasBackward(Tensor dchannelBias, Tensor dy);
}
