package io.diffusionad.ops;

import io.diffusionad.tensor.Tensor;

/** Changes of resolution and channel ranges. */
public interface ResampleOps {
    /** Nearest 2x or 2x2 average; @param y (N, H', W', C); @param x (N, H, W, C) */
    void resampleForward(Tensor y, Tensor x, Resample resample);

    /** @param dx like x, added to when {@code accumulate} */
    void resampleBackward(Tensor dx, Tensor dy, Resample resample, boolean accumulate);

    /**
     * 2x2 maximum; @param y (N, H/2, W/2, C); @param argmax like y, uint8: position 0…3 of the first maximum in row
     * order
     */
    void maxPool2Forward(Tensor y, Tensor argmax, Tensor x);

    /** @param dx like x, added to when {@code accumulate} */
    void maxPool2Backward(Tensor dx, Tensor dy, Tensor argmax, boolean accumulate);

    /**
     * Bilinear 2x with aligned corners: output pixel i reads input position {@code i·(H-1)/(2H-1)}; @param y (N, 2H,
     * 2W, C)
     */
    void bilinearUp2Forward(Tensor y, Tensor x);

    /** @param dx like x */
    void bilinearUp2Backward(Tensor dx, Tensor dy);

    /**
     * Copies {@code count} channels; the other channels of y stay as they are. Types may differ.
     *
     * @param y (…, Cy), @param x (…, Cx), the leading dimensions equal
     */
    void copyChannels(Tensor y, int yOffset, Tensor x, int xOffset, int count);
}
