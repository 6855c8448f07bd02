package io.diffusionad.backend.cuda;

import io.diffusionad.tensor.MemorySource;
import io.diffusionad.tensor.OutOfDeviceMemoryException;
import jcuda.CudaException;
import jcuda.driver.JCudaDriver;

/** Device memory for arenas, which ask for a few large blocks. Contents are undefined. */
final class CudaMemory implements MemorySource {
    private final CudaContext context;
    private final String device;

    CudaMemory(CudaContext context, String device) {
        this.context = context;
        this.device = device;
    }

    @Override
    public synchronized long allocate(long bytes) {
        context.makeCurrent();
        DevicePointer block = new DevicePointer();
        try {
            JCudaDriver.cuMemAlloc(block, bytes);
        } catch (CudaException e) {
            throw new OutOfDeviceMemoryException(device + " could not supply " + (bytes >> 20) + " MiB ("
                    + e.getMessage() + "; " + (free() >> 20) + " MiB are free): " + CudaFailure.SMALLER);
        }
        return block.address();
    }

    @Override
    public synchronized void free(long address, long bytes) {
        context.makeCurrent();
        JCudaDriver.cuMemFree(DevicePointer.of(address));
    }

    long free() {
        context.makeCurrent();
        long[] free = new long[1];
        JCudaDriver.cuMemGetInfo(free, new long[1]);
        return free[0];
    }
}
