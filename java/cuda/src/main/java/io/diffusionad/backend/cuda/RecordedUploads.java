package io.diffusionad.backend.cuda;

import jcuda.Pointer;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

import java.nio.ByteBuffer;

/** The bytes that uploads within a recording copy at every replay: page-locked, and kept as long as the recording. */
final class RecordedUploads implements AutoCloseable {
    /**
     * Coefficients and timesteps, not images. Reserved beforehand: while a stream is captured nothing may be allocated.
     */
    private static final int CAPACITY = 1 << 20;

    private final Pointer pinned = new Pointer();
    private final ByteBuffer bytes;
    private int used;

    RecordedUploads() {
        JCudaDriver.cuMemHostAlloc(pinned, CAPACITY, 0);
        bytes = pinned.getByteBuffer(0, CAPACITY);
    }

    /** @throws IllegalStateException when the recorded operations upload more than a mebibyte in all */
    void upload(long destination, ByteBuffer source, CUstream stream) {
        int count = source.remaining();
        if (count > CAPACITY - used) {
            throw new IllegalStateException(
                    "recorded operations upload more than " + CAPACITY + " bytes: upload images before recording");
        }
        bytes.put(used, source, source.position(), count);
        JCudaDriver.cuMemcpyHtoDAsync(DevicePointer.of(destination), pinned.withByteOffset(used), count, stream);
        used += count;
    }

    @Override
    public void close() {
        JCudaDriver.cuMemFreeHost(pinned);
    }
}
