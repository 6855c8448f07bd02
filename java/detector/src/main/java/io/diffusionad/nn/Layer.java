package io.diffusionad.nn;

import io.diffusionad.tensor.Tensor;

/**
 * A part of the UNet from one activation to one activation, which may look at the time embedding. Holds parameters
 * only.
 */
interface Layer {
    /** Shape of the output for an input of the given (N, H, W, C). */
    int[] outputShape(int... inputShape);

    /**
     * Whether {@link #backward} may write dx over dy; and, when nothing is saved, {@link #forward} y over x if
     * {@link #forwardsInPlace}.
     */
    boolean backwardsInPlace();

    default boolean forwardsInPlace() {
        return false;
    }

    /** @param time (N, timeChannels) float32: SiLU of the time embedding */
    void forward(Pass pass, Tensor y, Tensor x, Tensor time);

    /**
     * @param dx like x, overwritten
     * @param dy like y; may be destroyed
     * @param dtime like time, added to
     */
    void backward(Pass pass, Tensor dx, Tensor dy, Tensor dtime);
}
