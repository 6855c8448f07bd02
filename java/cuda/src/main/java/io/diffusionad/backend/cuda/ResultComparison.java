package io.diffusionad.backend.cuda;

import io.diffusionad.tensor.DType;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;

/** Compares two results on the card. Waits for the outcome. */
final class ResultComparison {
    /**
     * Largest values are infinite or NaN where one of those they are the largest of is.
     *
     * @param elements how many differ in any bit
     * @param largest the largest difference
     * @param largestExpected the largest absolute value that was expected
     */
    record Difference(long elements, float largest, float largestExpected) {
        /**
         * Whether what was expected tells right results from wrong ones: it is neither all zeros, as of weights that
         * start at zero, nor infinite or NaN somewhere.
         */
        boolean isTelling() {
            return largestExpected != 0 && Float.isFinite(largestExpected);
        }
    }

    private final CudaMemory memory;
    private final CudaContext context;
    private final Launch launch;

    ResultComparison(CudaContext context, CudaMemory memory, Launch launch) {
        this.context = context;
        this.memory = memory;
        this.launch = launch;
    }

    /** Sets memory to zero, for a result that is added to what is there. Does not wait. */
    void clear(long address, long bytes) {
        JCudaDriver.cuMemsetD8Async(DevicePointer.of(address), (byte) 0, bytes, context.stream());
    }

    /** @param dtype of both: float32 or bfloat16 */
    Difference compare(long expected, long actual, long elements, DType dtype) {
        int[] result = new int[3];
        long bytes = (long) result.length * Integer.BYTES;
        long counters = memory.allocate(bytes);
        try {
            JCudaDriver.cuMemsetD32Async(DevicePointer.of(counters), 0, result.length, context.stream());
            launch.kernel(dtype == DType.FLOAT32 ? "conv_compare_f32" : "conv_compare_bf16")
                    .pointer(counters)
                    .pointer(expected)
                    .pointer(actual)
                    .i64(elements)
                    .over(elements, 256);
            context.synchronize();
            JCudaDriver.cuMemcpyDtoH(Pointer.to(result), DevicePointer.of(counters), bytes);
        } finally {
            memory.free(counters, bytes);
        }
        return new Difference(
                Integer.toUnsignedLong(result[0]), Float.intBitsToFloat(result[1]), Float.intBitsToFloat(result[2]));
    }
}
