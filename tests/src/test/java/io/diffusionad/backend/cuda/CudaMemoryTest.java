package io.diffusionad.backend.cuda;

import io.diffusionad.device.DeviceOptions;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What a card's memory is used for beside tensors is known to those who plan. */
@RequiresCuda
class CudaMemoryTest {
    @Test
    void scratchIsReservedUntilItIsTaken() {
        try (CudaFixture cuda = new CudaFixture(DeviceOptions.DEFAULT)) {
            Tensor dy = cuda.normal(1, DType.FLOAT32, 1, 64, 32, 32);
            Tensor sums = cuda.arena.float32(1, 32);
            long free = cuda.device.availableMemory();
            long reserved = cuda.device.reservedMemory();
            assertTrue(reserved > 0, "an operation needs room for parts of sums");
            cuda.device.ops().channelBiasBackward(sums, dy);
            cuda.device.synchronize();
            long taken = reserved - cuda.device.reservedMemory();
            assertTrue(taken > 0, "parts of sums lie somewhere");
            // The driver hands out whole pages, and keeps some for the code of kernels.
            assertEquals(free - taken, cuda.device.availableMemory(), 8 << 20);
        }
    }
}
