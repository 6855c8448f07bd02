package io.diffusionad.ops;

/**
 * Geometry of a convolution: square kernel of 1 or 3, stride 1 or 2, zero padding {@code kernel / 2} on every side.
 *
 * @param inputOffset first input channel of the weight that applies to {@code x}. A convolution over a concatenation
 *     (a, b) is two calls, one over a with offset 0 and one over b with offset C_a that accumulates: the concatenated
 *     tensor never exists.
 */
public record Conv2d(int kernel, int stride, int inputOffset) {
    public Conv2d {
        if ((kernel != 1 && kernel != 3) || (stride != 1 && stride != 2) || inputOffset < 0) {
            throw new IllegalArgumentException(
                    "unsupported convolution: kernel " + kernel + ", stride " + stride + ", offset " + inputOffset);
        }
    }

    public static Conv2d of(int kernel) {
        return new Conv2d(kernel, 1, 0);
    }

    public static Conv2d of(int kernel, int stride) {
        return new Conv2d(kernel, stride, 0);
    }

    public Conv2d withInputOffset(int offset) {
        return new Conv2d(kernel, stride, offset);
    }

    public int padding() {
        return kernel / 2;
    }

    public int outputSize(int inputSize) {
        return (inputSize + 2 * padding() - kernel) / stride + 1;
    }
}
