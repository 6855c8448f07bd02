package io.diffusionad.backend.cuda;

import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Recording;
import io.diffusionad.device.Transfers;
import io.diffusionad.ops.Activation;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.ops.OpException;
import io.diffusionad.ops.Ops;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.Arrays;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Operations captured as a CUDA graph and replayed. */
@RequiresCuda
class CudaRecordingTest {
    private CudaFixture cuda;
    private Ops ops;
    private Tensor x;
    private Tensor h;
    private Tensor y;
    private Weight w;

    @BeforeEach
    void open() {
        cuda = new CudaFixture(DeviceOptions.DEFAULT);
        ops = cuda.device.ops();
        x = cuda.normal(1, DType.BFLOAT16, 2, 8, 8, 64);
        h = cuda.arena.tensor(DType.BFLOAT16, 2, 8, 8, 64);
        y = cuda.arena.tensor(DType.BFLOAT16, 2, 8, 8, 64);
        w = new Weight("w", cuda.normal(0.05, DType.FLOAT32, 64, 3, 3, 64));
    }

    @AfterEach
    void close() {
        cuda.close();
    }

    /** A convolution whose reduction is split, and an activation. */
    private void operations() {
        ops.conv2dForward(h, x, w, Epilogue.NONE, Conv2d.of(3));
        ops.activationForward(y, h, Activation.SILU);
    }

    private float[] directly() {
        operations();
        return cuda.read(y);
    }

    @Test
    void replayReadsWhatTensorsHoldThen() {
        try (Recording recording = cuda.device.record(this::operations)) {
            float[] first = cuda.read(y);
            assertArrayEquals(first, directly());
            cuda.fill(x, 2);
            ops.fill(y, 7);
            recording.replay();
            float[] replayed = cuda.read(y);
            assertArrayEquals(replayed, directly());
            assertFalse(Arrays.equals(first, replayed));
        }
    }

    @Test
    void replayFollowsAChangedWeight() {
        try (Recording recording = cuda.device.record(this::operations)) {
            cuda.fill(w.value(), 0.1);
            w.changed();
            recording.replay();
            float[] replayed = cuda.read(y);
            assertArrayEquals(replayed, directly());
        }
    }

    @Test
    void recordedUploadsRepeatTheirBytes() {
        Tensor coefficients = cuda.arena.float32(1);
        Tensor total = cuda.arena.float32(1);
        ops.fill(total, 0);
        try (Recording recording = cuda.device.record(() -> {
            Transfers.upload(cuda.device, coefficients, new float[] {2.5f});
            ops.addScaled(total, coefficients, 1);
        })) {
            ops.fill(coefficients, 100);
            recording.replay();
            recording.replay();
            assertArrayEquals(new float[] {7.5f}, cuda.read(total));
        }
    }

    /** Recording fails with the reason, and the device goes on working. */
    @Test
    void whatCannotBeRecordedIsRefused() {
        OpException refusal = assertThrows(
                OpException.class,
                () -> cuda.device.record(() -> {
                    operations();
                    cuda.device.synchronize();
                }));
        assertTrue(
                refusal.getMessage().startsWith("synchronize on cuda:0: CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"),
                refusal.getMessage());
        assertArrayEquals(directly(), directly());
    }

    @Test
    void closedRecordingIsRefused() {
        Recording recording = cuda.device.record(this::operations);
        recording.close();
        recording.close();
        assertThrows(IllegalStateException.class, recording::replay);
    }
}
