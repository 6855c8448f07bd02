package io.diffusionad.ops;

import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;

/**
 * The operations of int8 inference: what writes an activation in 8 bits, and the convolution that reads it. Devices
 * that lack them ({@code Device.computesInt8}) throw {@link OpException}.
 */
public interface QuantizedOps {
    /**
     * {@link NormalizationOps#groupNormForward} with a result in 8 bits; NaN becomes an arbitrary value.
     *
     * @param y (N, H', W', C) uint8
     * @param quantization of y
     */
    void groupNormForwardQuantized(
            Tensor y,
            Quantization quantization,
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
     * {@link ConvolutionOps#conv2dForward} of an activation in 8 bits. The weight is taken in int8, symmetric per
     * output channel: {@code wq = round(w / s)} with {@code s = max|w| / 127} over the input channels that apply.
     * Products are summed exactly, in int32. Where Winograd's algorithm computes it, that holds after the transforms of
     * inputs and weights, which are rounded there for each point of a tile: the result then errs by up to a tenth
     * (relative L2) where neighbouring pixels are independent, by a third of that where they resemble each other as in
     * images.
     *
     * @param y (N, P, Q, K) float32 or bfloat16, as is the epilogue's residual
     * @param x (N, H, W, C) uint8
     * @param quantization of x
     * @param w (K, R, S, Cw) float32
     */
    void conv2dForwardQuantized(
            Tensor y, Tensor x, Quantization quantization, Weight w, Epilogue epilogue, Conv2d geometry);

    /**
     * {@code y = (x, xTail) * w + bias} with kernel 1, in int8 of activations that are not: the channels of each pixel
     * are rounded to {@code round(x / s)} with {@code s = max|x| / 127} over both parts, the weights of each output
     * channel to as many steps or, without AVX-VNNI and AVX512-VNNI, to half as many. Products are summed exactly, in
     * int32.
     *
     * @param y (N, H, W, K) float32 or bfloat16, as are x and xTail
     * @param x (N, H, W, C)
     * @param xTail (N, H, W, C'), or null
     * @param w (K, 1, 1, C + C') float32
     * @param bias (K) float32
     */
    void conv2dForwardRounded(Tensor y, Tensor x, Tensor xTail, Weight w, Tensor bias);
}
