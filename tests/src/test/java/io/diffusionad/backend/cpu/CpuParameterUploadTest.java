package io.diffusionad.backend.cpu;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.device.ReferenceOrder;
import io.diffusionad.device.Transfers;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

/** Parameters in the order of checkpoints, which the CPU's native code sorts. */
class CpuParameterUploadTest {
    private static final int[][] SHAPES = {
        {5}, {3, 7}, {6, 1, 1, 11}, {4, 3, 3, 5}, {1, 3, 3, 1}, {2, 5, 5, 3}, {3, 2, 2, 9}
    };

    @Test
    void theOrderIsThatOfEveryOtherDevice() {
        try (Device device = Devices.open("cpu", DeviceOptions.DEFAULT);
                Arena arena = device.newArena("test")) {
            for (int[] shape : SHAPES) {
                Tensor tensor = arena.float32(shape);
                float[] values = new float[Math.toIntExact(tensor.elements())];
                for (int i = 0; i < values.length; i++) {
                    values[i] = i + 0.5f;
                }
                assertEquals(true, device.uploadReference(tensor, buffer(values)));
                assertArrayEquals(
                        ReferenceOrder.of(tensor).toMemory(values),
                        Transfers.toFloats(device, tensor),
                        tensor.toString());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            floats = {
                Float.NaN,
                Float.POSITIVE_INFINITY,
                Float.NEGATIVE_INFINITY,
                Float.MAX_VALUE,
                Float.MIN_VALUE,
                -0.0f
            })
    void itTellsWhetherAllValuesAreFinite(float value) {
        try (Device device = Devices.open("cpu", DeviceOptions.DEFAULT);
                Arena arena = device.newArena("test")) {
            for (int[] shape : SHAPES) {
                Tensor tensor = arena.float32(shape);
                for (int at = 0; at < tensor.elements(); at++) {
                    float[] values = new float[Math.toIntExact(tensor.elements())];
                    values[at] = value;
                    assertEquals(
                            Float.isFinite(value),
                            device.uploadReference(tensor, buffer(values)),
                            tensor + " at " + at);
                }
            }
        }
    }

    @Test
    void onlyADirectBufferOfItsSizeFits() {
        try (Device device = Devices.open("cpu", DeviceOptions.DEFAULT);
                Arena arena = device.newArena("test")) {
            Tensor tensor = arena.float32(2, 3, 3, 4);
            assertThrows(IllegalArgumentException.class, () -> device.uploadReference(tensor, buffer(new float[71])));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> device.uploadReference(tensor, ByteBuffer.allocate(72 * Float.BYTES)));
        }
    }

    /** Beginning behind other bytes. */
    private static ByteBuffer buffer(float... values) {
        ByteBuffer buffer = ByteBuffer.allocateDirect((values.length + 1) * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(Float.NaN);
        buffer.asFloatBuffer().put(values);
        return buffer;
    }
}
