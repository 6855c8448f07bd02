package io.diffusionad.backend.cpu;

import io.diffusionad.tensor.MemorySource;
import io.diffusionad.tensor.OutOfDeviceMemoryException;

/** Host memory outside the Java heap, on huge pages where the system gives them. */
final class CpuMemory implements MemorySource {
    @Override
    public long allocate(long bytes) {
        long address = CpuNative.allocate(bytes);
        if (address == 0) {
            throw new OutOfDeviceMemoryException("the system refused " + (bytes >> 20)
                    + " MiB of memory: choose a smaller batch, or close other programs");
        }
        return address;
    }

    @Override
    public void free(long address, long bytes) {
        CpuNative.free(address, bytes);
    }

    @Override
    public void discard(long address, long bytes) {
        CpuNative.discard(address, bytes);
    }
}
