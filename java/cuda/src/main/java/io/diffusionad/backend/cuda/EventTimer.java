package io.diffusionad.backend.cuda;

import jcuda.driver.CUevent;
import jcuda.driver.JCudaDriver;

/** Times short work on a device's stream with CUDA events. */
final class EventTimer {
    private static final int ROUNDS = 3;
    private static final int LAUNCHES_A_ROUND = 3;

    private final CudaContext context;

    EventTimer(CudaContext context) {
        this.context = context;
    }

    /** The fastest round's milliseconds, after one run to warm up: kernels are loaded at their first launch. */
    float milliseconds(Runnable work) {
        CUevent start = new CUevent();
        CUevent end = new CUevent();
        JCudaDriver.cuEventCreate(start, 0);
        JCudaDriver.cuEventCreate(end, 0);
        try {
            work.run();
            float fastest = Float.POSITIVE_INFINITY;
            float[] elapsed = new float[1];
            for (int round = 0; round < ROUNDS; round++) {
                JCudaDriver.cuEventRecord(start, context.stream());
                for (int i = 0; i < LAUNCHES_A_ROUND; i++) {
                    work.run();
                }
                JCudaDriver.cuEventRecord(end, context.stream());
                JCudaDriver.cuEventSynchronize(end);
                JCudaDriver.cuEventElapsedTime(elapsed, start, end);
                fastest = Math.min(fastest, elapsed[0]);
            }
            return fastest;
        } finally {
            JCudaDriver.cuEventDestroy(start);
            JCudaDriver.cuEventDestroy(end);
        }
    }
}
