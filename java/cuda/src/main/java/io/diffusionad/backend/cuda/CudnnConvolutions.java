package io.diffusionad.backend.cuda;

import io.diffusionad.device.DeviceUnavailableException;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import jcuda.CudaException;
import jcuda.driver.CUstream;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;
import jcuda.runtime.cudaStream_t;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Convolutions by cuDNN, with deterministic algorithms only; a plan a problem, kept until the end. Its results are not
 * promised to be the same bits for every batch size and card, as our own kernels' are.
 */
final class CudnnConvolutions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CudnnConvolutions.class);

    private final cudnnHandle handle = new cudnnHandle();
    private final Map<CudnnPlan.Problem, Optional<CudnnPlan>> plans = new HashMap<>();
    private final boolean tf32;
    private final String name;

    private CudnnConvolutions(CUstream stream, boolean tf32) {
        this.tf32 = tf32;
        JCudnn.setExceptionsEnabled(true);
        name = "cudnn" + JCudnn.cudnnGetVersion();
        JCudnn.cudnnCreate(handle);
        JCudnn.cudnnSetStream(handle, new cudaStream_t(stream));
    }

    /** @throws DeviceUnavailableException with the reason, when cuDNN is not installed or does not work */
    static CudnnConvolutions open(CUstream stream, boolean tf32) {
        OptionalLibrary.CUDNN.bind();
        try {
            return new CudnnConvolutions(stream, tf32);
        } catch (CudaException e) {
            throw OptionalLibrary.CUDNN.refusal(e);
        }
    }

    /** With the version: what was measured with one says nothing about another. */
    String name() {
        return name;
    }

    /**
     * How cuDNN would compute one direction of the convolution from x to y, or empty where it cannot: x, y and the
     * weight must have one type, dense rows and vectors that start at multiples of 16 bytes. Of bfloat16 tensors it
     * writes the weight's gradient in bfloat16, too coarse to be summed.
     *
     * @param weightChannels input channels of the whole weight, of which the convolution may read a range
     */
    Optional<CudnnPlan> plan(CudnnPlan.Direction direction, Tensor x, Tensor y, int weightChannels, Conv2d geometry) {
        boolean bfloat16 = x.dtype() == DType.BFLOAT16;
        // Convolutions over bfloat16 read a packed copy of their range; float32 weights are read, and their gradients
        // written, where they lie.
        boolean dense = bfloat16 ? direction != CudnnPlan.Direction.BACKWARD_WEIGHTS : weightChannels == x.dim(3);
        boolean aligned = x.address() % 16 == 0 && y.address() % 16 == 0;
        return x.dtype() == y.dtype() && dense && aligned
                ? plan(CudnnPlan.Problem.of(direction, x, y, geometry))
                : Optional.empty();
    }

    private Optional<CudnnPlan> plan(CudnnPlan.Problem problem) {
        return plans.computeIfAbsent(problem, wanted -> {
            try {
                return Optional.of(new CudnnPlan(handle, wanted, tf32));
            } catch (CudaException e) {
                LOG.debug("cuDNN does not compute {}: {}", wanted, e.getMessage());
                return Optional.empty();
            }
        });
    }

    @Override
    public void close() {
        plans.values().forEach(plan -> plan.ifPresent(CudnnPlan::close));
        plans.clear();
        JCudnn.cudnnDestroy(handle);
    }
}
