package io.diffusionad.tensor;

/** Where an {@link Arena} takes its memory from: the host's, a GPU's, or none at all (planning). Thread-safe. */
public interface MemorySource {
    /**
     * Allocates a block aligned to 256 bytes; its contents are undefined.
     *
     * @throws OutOfDeviceMemoryException with the size asked for and what was free
     */
    long allocate(long bytes);

    void free(long address, long bytes);

    /**
     * Gives what lies wholly inside a part of a block back to the system, where that can be done; the part stays
     * allocated, its contents are undefined.
     */
    default void discard(long address, long bytes) {
        // A GPU's memory comes and goes in whole blocks.
    }
}
