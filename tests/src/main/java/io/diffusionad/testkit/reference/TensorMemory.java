package io.diffusionad.testkit.reference;

import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.Tensor;

import java.nio.ByteBuffer;

/**
 * The memory that reference operations read and write: a real device's, or one that keeps every element as a float64.
 */
public interface TensorMemory {
    Arena newArena(String name);

    /** All elements, row-major. */
    double[] read(Tensor tensor);

    /** All elements of an int64 tensor. */
    long[] readLongs(Tensor tensor);

    /** Replaces all elements; rounds to what the memory can hold. */
    void write(Tensor tensor, double[] values);

    /** As {@link io.diffusionad.device.Device#upload}. */
    void upload(Tensor destination, ByteBuffer source);

    /** As {@link io.diffusionad.device.Device#download}. */
    void download(ByteBuffer destination, Tensor source);
}
