package io.diffusionad.ops;

import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;

/** Convolutions as cross-correlations, as every deep-learning framework defines them. */
public interface ConvolutionOps {
    /**
     * @param y (N, P, Q, K)
     * @param x (N, H, W, C); may be float32 where y is bfloat16 when C is at most 8 (a network's stem), and y may be
     *     float32 where x is bfloat16 when K is at most 8 (a network's last layer)
     * @param w (K, R, S, Cw) with {@code Cw >= geometry.inputOffset() + C}
     */
    void conv2dForward(Tensor y, Tensor x, Weight w, Epilogue epilogue, Conv2d geometry);

    /**
     * Gradient by the input.
     *
     * @param dx (N, H, W, C), added to when {@code accumulate}
     * @param dy (N, P, Q, K); the types of dx and dy may differ as those of x and y may
     */
    void conv2dBackwardData(Tensor dx, Tensor dy, Weight w, Conv2d geometry, boolean accumulate);

    /**
     * Gradients by weight and bias, added to.
     *
     * @param dw (K, R, S, Cw) float32: channels {@code inputOffset … inputOffset + C} are touched
     * @param dbias (K) float32, or null
     */
    void conv2dBackwardWeights(Tensor dw, Tensor dbias, Tensor dy, Tensor x, Conv2d geometry);
}
