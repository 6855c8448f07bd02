package io.diffusionad.device;

import io.diffusionad.ops.Ops;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import java.nio.ByteBuffer;

/**
 * A place where tensors live and operations run. One thread at a time uses a device's operations; several devices may
 * be open. Closing frees what the backend itself holds (primitives, streams, modules); arenas are closed by their
 * owners, before.
 */
public interface Device extends AutoCloseable {
    /** As the user writes it: {@code cpu}, {@code cuda:0}. */
    String name();

    /** For people: the processor or card, its instruction sets or architecture, threads, memory. */
    String description();

    Ops ops();

    /** A fresh, empty arena in this device's memory. */
    Arena newArena(String name);

    /** Bytes that can still be had without harm to the machine. */
    long availableMemory();

    /**
     * Bytes of {@link #availableMemory()} that operations may still come to take for themselves, beside tensors and
     * packed copies of weights: what plans must leave free.
     */
    default long reservedMemory() {
        return 0;
    }

    /** Whether bfloat16 operations run on a unit made for them, so that choosing it saves time. */
    boolean hasFastBfloat16();

    /**
     * Whether one image keeps all of the device busy, so that two passes of a network take hardly longer than one pass
     * over both images, and half the memory. A result does not depend on it.
     */
    boolean isBusyWithOneImage();

    /** Whether the operations of int8 inference run here ({@link io.diffusionad.ops.QuantizedOps}). */
    boolean computesInt8();

    /**
     * Whether a convolution of stride 1 takes less time in int8 than in the type of the activations around it. Asked
     * where {@link #computesInt8}; a pass in int8 leaves the others in that type, which is the more exact, and a device
     * may refuse them in int8.
     *
     * @param activations FLOAT32 or BFLOAT16
     * @param kernel 3, of an input in 8 bits, or 1, of one that is rounded by the convolution
     * @param height of its result, in pixels
     * @param width of its result, in pixels
     * @param inputs channels
     * @param outputs channels
     */
    default boolean gainsFromInt8(DType activations, int kernel, int height, int width, int inputs, int outputs) {
        return true;
    }

    /** Copies {@code tensor.bytes()} raw bytes from a direct buffer (position to limit, which must match) and waits. */
    void upload(Tensor destination, ByteBuffer source);

    /**
     * Writes values that lie as in checkpoints ({@link ReferenceOrder}), such as the weights of a network, and waits.
     *
     * @param destination of float32
     * @param source direct, little-endian float32 from position to limit, as many as the tensor has elements
     * @return whether every value is finite
     */
    default boolean uploadReference(Tensor destination, ByteBuffer source) {
        return ReferenceOrder.upload(this, destination, source);
    }

    /**
     * Copies raw bytes into a direct buffer (position to limit, which must match) and waits for all earlier operations.
     */
    void download(ByteBuffer destination, Tensor source);

    /**
     * Runs {@code operations} and returns a handle that repeats them. They must be the same operations on the same
     * tensors each time: no decision on values, no download or wait, uploads of the same bytes only, and memory that
     * they allocate must lie at the same addresses (an arena back at the same mark) and keep its place while the handle
     * is used. A device without a cheaper way calls {@code operations} again.
     */
    default Recording record(Runnable operations) {
        operations.run();
        return new Recording() {
            @Override
            public void replay() {
                operations.run();
            }

            @Override
            public void close() {
                // Nothing is held.
            }
        };
    }

    /** Waits for every operation issued so far. */
    void synchronize();

    @Override
    void close();
}
