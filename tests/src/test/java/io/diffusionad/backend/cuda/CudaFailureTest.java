package io.diffusionad.backend.cuda;

import io.diffusionad.device.DeviceOptions;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.ops.OpException;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.OutOfDeviceMemoryException;
import io.diffusionad.tensor.Tensor;
import jcuda.CudaException;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What a user reads when the card or its kernels cannot do what was asked for: the cause and the way out. */
@RequiresCuda
class CudaFailureTest {
    @Test
    void aFullCardIsAUsersMatterWhoeverAsked() {
        RuntimeException failure =
                CudaFailure.of("replaying a CUDA graph", new CudaException("CUDA_ERROR_OUT_OF_MEMORY"));
        assertInstanceOf(OutOfDeviceMemoryException.class, failure);
        assertEquals(
                "replaying a CUDA graph: CUDA_ERROR_OUT_OF_MEMORY: choose a smaller batch, "
                        + "or close other programs on the card",
                failure.getMessage());
    }

    @Test
    void aFailedLaunchNamesTheWayOut() {
        RuntimeException failure = CudaFailure.of("fill (4)", new CudaException("CUDA_ERROR_LAUNCH_FAILED"));
        assertInstanceOf(OpException.class, failure);
        assertTrue(failure.getMessage().startsWith("fill (4): CUDA_ERROR_LAUNCH_FAILED ("), failure.getMessage());
        assertTrue(
                failure.getMessage().contains("CUDA_LAUNCH_BLOCKING=1")
                        && failure.getMessage().contains("--device cpu"),
                failure.getMessage());
    }

    @Test
    void headsWiderThanAnyKernelAreRefused() {
        try (CudaFixture cuda = new CudaFixture(DeviceOptions.DEFAULT)) {
            assertEquals(
                    "attention heads of 256 channels exceed the largest of 128 in bfloat16 on a CUDA card: choose more, narrower heads or --device cpu",
                    refusal(cuda, DType.BFLOAT16, 256));
            assertEquals(
                    "attention heads of 288 channels exceed the largest of 256 on a CUDA card: choose more, narrower heads or --device cpu",
                    refusal(cuda, DType.FLOAT32, 288));
        }
    }

    private static String refusal(CudaFixture cuda, DType precision, int channels) {
        Tensor y = cuda.arena.tensor(precision, 1, 4, channels);
        Tensor qkv = cuda.arena.tensor(precision, 1, 4, 3 * channels);
        Tensor logSumExp = cuda.arena.float32(1, 1, 4);
        return assertThrows(InvalidInputException.class, () -> cuda.device.ops().attentionForward(y, logSumExp, qkv, 1))
                .getMessage();
    }
}
