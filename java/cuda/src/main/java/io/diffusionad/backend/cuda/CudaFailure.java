package io.diffusionad.backend.cuda;

import io.diffusionad.ops.OpException;
import io.diffusionad.tensor.OutOfDeviceMemoryException;
import jcuda.CudaException;

/**
 * What a failed call of the driver becomes above the backend: a sentence that names what failed, the driver's status
 * and the way out.
 */
final class CudaFailure {
    /** What else to do when the card's memory is full, whoever asked for it. */
    static final String SMALLER = "choose a smaller batch, or close other programs on the card";

    private static final String OUT_OF_MEMORY = "CUDA_ERROR_OUT_OF_MEMORY";

    private CudaFailure() {}

    /** @param what operation and shapes */
    static RuntimeException of(String what, CudaException e) {
        if (e.getMessage()
                .contains(OUT_OF_MEMORY)) { // also of what the driver allocates by itself: pinned memory, code, graphs
            return new OutOfDeviceMemoryException(what + ": " + e.getMessage() + ": " + SMALLER);
        }
        return new OpException(
                what + ": " + e.getMessage()
                        + " (an earlier operation may have failed: CUDA_LAUNCH_BLOCKING=1 names it; --device cpu does without the card)",
                e);
    }
}
