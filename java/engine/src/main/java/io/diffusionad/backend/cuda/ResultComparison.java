package io.diffusionad.backend.cuda;

import io.diffusionad.tensor.DType;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Compares two results in device memory, a few mebibytes at a time. */
final class ResultComparison {
    enum Outcome {
        /** Within the tolerance everywhere. */
        EQUAL,
        DIFFERENT,
        /** The expected result is zero everywhere or not finite somewhere. */
        SAYS_NOTHING
    }

    private static final int CHUNK = 8 << 20;

    private final CudaContext context;

    ResultComparison(CudaContext context) {
        this.context = context;
    }

    /** Sets memory to zero, in the order of the stream. */
    void clear(long address, long bytes) {
        JCudaDriver.cuMemsetD8Async(DevicePointer.of(address), (byte) 0, bytes, context.stream());
    }

    /** @param tolerance largest difference allowed, relative to the largest expected value */
    Outcome compare(long expectedAt, long actualAt, long elements, DType dtype, double tolerance) {
        context.synchronize();
        ByteBuffer expected = ByteBuffer.allocateDirect(CHUNK).order(ByteOrder.nativeOrder());
        ByteBuffer actual = ByteBuffer.allocateDirect(CHUNK).order(ByteOrder.nativeOrder());
        float largest = 0;
        float difference = 0;
        int width = dtype.bytes();
        long bytes = elements * width;
        for (long start = 0; start < bytes; start += CHUNK) {
            int count = (int) Math.min(CHUNK, bytes - start);
            JCudaDriver.cuMemcpyDtoH(Pointer.to(expected), DevicePointer.of(expectedAt + start), count);
            JCudaDriver.cuMemcpyDtoH(Pointer.to(actual), DevicePointer.of(actualAt + start), count);
            for (int at = 0; at < count; at += width) {
                float value = value(expected, at, dtype);
                float distance = Math.abs(value(actual, at, dtype) - value);
                if (!Float.isFinite(value)) {
                    return Outcome.SAYS_NOTHING;
                }
                if (!Float.isFinite(distance)) {
                    return Outcome.DIFFERENT;
                }
                largest = Math.max(largest, Math.abs(value));
                difference = Math.max(difference, distance);
            }
        }
        if (largest == 0) {
            return Outcome.SAYS_NOTHING;
        }
        return difference <= tolerance * largest ? Outcome.EQUAL : Outcome.DIFFERENT;
    }

    private static float value(ByteBuffer buffer, int at, DType dtype) {
        return dtype == DType.BFLOAT16 ? Float.intBitsToFloat(buffer.getShort(at) << 16) : buffer.getFloat(at);
    }
}
