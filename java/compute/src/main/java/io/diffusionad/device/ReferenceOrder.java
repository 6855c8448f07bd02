package io.diffusionad.device;

import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Layouts;
import io.diffusionad.tensor.Tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How the reference's checkpoints order a float32 parameter: a convolution's filters, (K, R, S, C) in memory, are (K,
 * C, R, S) there; all others are the same in both.
 *
 * @param filters K, or what corresponds to it: the first dimension
 * @param channels C, or the elements of one index of the first dimension
 * @param taps R·S; 1 where both orders are the same
 */
public record ReferenceOrder(int filters, int channels, int taps) {
    /** @param parameter as it lies in memory, or some rows of it */
    public static ReferenceOrder of(Tensor parameter) {
        if (parameter.dtype() != DType.FLOAT32) {
            throw new IllegalArgumentException("a parameter is float32, not " + parameter);
        }
        int taps = parameter.rank() == 4 ? parameter.dim(1) * parameter.dim(2) : 1;
        int filters = parameter.dim(0);
        return new ReferenceOrder(filters, Math.toIntExact(parameter.elements() / filters / taps), taps);
    }

    /** From the reference's order into memory's; the same array where they are the same. */
    public float[] toMemory(float[] reference) {
        return taps == 1 ? reference : Layouts.toNhwc(reference, filters, channels, taps, 1);
    }

    /** From memory's order into the reference's; the same array where they are the same. */
    public float[] toReference(float[] memory) {
        return taps == 1 ? memory : Layouts.toNchw(memory, filters, channels, taps, 1);
    }

    /** {@link Device#uploadReference} for a device that has no way of its own. */
    static boolean upload(Device device, Tensor destination, ByteBuffer source) {
        float[] values = new float[source.remaining() / Float.BYTES];
        source.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        Transfers.upload(device, destination, of(destination).toMemory(values));
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }
}
