package io.diffusionad.backend.cuda;

import jcuda.Pointer;
import jcuda.driver.CUevent;
import jcuda.driver.JCudaDriver;

import java.nio.ByteBuffer;

import static jcuda.driver.CUevent_flags.CU_EVENT_DISABLE_TIMING;

/**
 * Copies between host buffers and the device through two page-locked buffers, which alternate: the card fetches one
 * while the processor fills the other. Allocated at the first copy.
 */
final class Staging implements AutoCloseable {
    private static final int BYTES = 4 << 20;

    private static final class Buffer {
        private final Pointer pinned = new Pointer();
        private final CUevent free = new CUevent();
        private final ByteBuffer bytes;

        Buffer() {
            JCudaDriver.cuMemHostAlloc(pinned, BYTES, 0);
            JCudaDriver.cuEventCreate(free, CU_EVENT_DISABLE_TIMING);
            bytes = pinned.getByteBuffer(0, BYTES);
        }
    }

    private final CudaContext context;
    private Buffer[] buffers;
    private int next;
    private RecordedUploads recorded;

    Staging(CudaContext context) {
        this.context = context;
    }

    /** Sends the following uploads through memory that a recording keeps; null ends that. */
    void recordUploads(RecordedUploads into) {
        recorded = into;
    }

    /** Returns when {@code source} has been read; the device receives the bytes in the stream's order. */
    void upload(long destination, ByteBuffer source) {
        if (recorded != null) {
            recorded.upload(destination, source, context.stream());
            return;
        }
        for (int offset = 0; offset < source.limit() - source.position(); offset += BYTES) {
            int count = Math.min(BYTES, source.limit() - source.position() - offset);
            Buffer buffer = take();
            buffer.bytes.put(0, source, source.position() + offset, count);
            JCudaDriver.cuMemcpyHtoDAsync(
                    DevicePointer.of(destination + offset), buffer.pinned, count, context.stream());
            JCudaDriver.cuEventRecord(buffer.free, context.stream());
        }
    }

    /** Returns when {@code destination} is filled, after all earlier operations. */
    void download(ByteBuffer destination, long source) {
        int total = destination.remaining();
        Buffer pending = null;
        int pendingOffset = 0;
        for (int offset = 0; offset < total; offset += BYTES) {
            Buffer buffer = take();
            JCudaDriver.cuMemcpyDtoHAsync(
                    buffer.pinned,
                    DevicePointer.of(source + offset),
                    Math.min(BYTES, total - offset),
                    context.stream());
            JCudaDriver.cuEventRecord(buffer.free, context.stream());
            drain(pending, destination, pendingOffset, total);
            pending = buffer;
            pendingOffset = offset;
        }
        drain(pending, destination, pendingOffset, total);
    }

    private static void drain(Buffer buffer, ByteBuffer destination, int offset, int total) {
        if (buffer != null) {
            JCudaDriver.cuEventSynchronize(buffer.free);
            destination.put(destination.position() + offset, buffer.bytes, 0, Math.min(BYTES, total - offset));
        }
    }

    private Buffer take() {
        if (buffers == null) {
            buffers = new Buffer[] {new Buffer(), new Buffer()};
        }
        Buffer buffer = buffers[next];
        next = 1 - next;
        JCudaDriver.cuEventSynchronize(buffer.free);
        return buffer;
    }

    @Override
    public void close() {
        if (buffers != null) {
            for (Buffer buffer : buffers) {
                JCudaDriver.cuEventDestroy(buffer.free);
                JCudaDriver.cuMemFreeHost(buffer.pinned);
            }
            buffers = null;
        }
    }
}
