package io.diffusionad.backend.cuda;

import jcuda.Pointer;
import jcuda.driver.JCudaDriver;

/** Compares bfloat16 tensors on the card, bit for bit. Waits for the result. */
final class OutputComparison {
    /** @param elements how many differ; @param largest the largest difference, NaN where only one of two is a number */
    record Difference(long elements, float largest) { }

    private final CudaMemory memory;
    private final CudaContext context;
    private final Launch launch;

    OutputComparison(CudaContext context, CudaMemory memory, Launch launch) {
        this.context = context;
        this.memory = memory;
        this.launch = launch;
    }

    Difference compare(long a, long b, long elements) {
        int[] result = new int[2];
        long bytes = (long) result.length * Integer.BYTES;
        long counters = memory.allocate(bytes);
        try {
            JCudaDriver.cuMemsetD32Async(DevicePointer.of(counters), 0, result.length, context.stream());
            launch.kernel("conv_compare_bf16").pointer(counters).pointer(a).pointer(b).i64(elements).over(elements, 256);
            context.synchronize();
            JCudaDriver.cuMemcpyDtoH(Pointer.to(result), DevicePointer.of(counters), bytes);
        } finally {
            memory.free(counters, bytes);
        }
        return new Difference(Integer.toUnsignedLong(result[0]), Float.intBitsToFloat(result[1]));
    }
}
