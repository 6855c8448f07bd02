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
}
