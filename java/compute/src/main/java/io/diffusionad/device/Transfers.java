package io.diffusionad.device;

import io.diffusionad.tensor.Tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Copies between Java arrays and tensors, for set-up, results and tests; hot paths use direct buffers of their own.
 * Holds one direct buffer a thread.
 */
public final class Transfers {
    /**
     * Small enough for a second cache; memory outside the heap that every call took anew would pile up until the next
     * garbage collection.
     */
    private static final int CHUNK_BYTES = 1 << 20;

    private static final ThreadLocal<ByteBuffer> CHUNK =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(CHUNK_BYTES).order(ByteOrder.nativeOrder()));

    private Transfers() {}

    /** Writes float values into a float32, bfloat16 (rounded to nearest even) or uint8 (truncated) tensor. */
    public static void upload(Device device, Tensor destination, float[] values) {
        requireLength(destination, values.length);
        inChunks(destination, (part, offset, count) -> {
            ByteBuffer buffer = buffer(part);
            switch (part.dtype()) {
                case FLOAT32 -> buffer.asFloatBuffer().put(values, offset, count);
                case BFLOAT16 -> {
                    for (int i = 0; i < count; i++) {
                        buffer.putShort(2 * i, toBfloat16(values[offset + i]));
                    }
                }
                case UINT8 -> {
                    for (int i = 0; i < count; i++) {
                        buffer.put(i, (byte) values[offset + i]);
                    }
                }
                case INT64 -> throw new IllegalArgumentException("floats into " + destination);
            }
            device.upload(part, buffer);
        });
    }

    public static void upload(Device device, Tensor destination, long... values) {
        requireLength(destination, values.length);
        inChunks(destination, (part, offset, count) -> {
            ByteBuffer buffer = buffer(part);
            buffer.asLongBuffer().put(values, offset, count);
            device.upload(part, buffer);
        });
    }

    /** All elements as floats. */
    public static float[] toFloats(Device device, Tensor source) {
        float[] values = new float[Math.toIntExact(source.elements())];
        inChunks(source, (part, offset, count) -> {
            ByteBuffer buffer = buffer(part);
            device.download(buffer, part);
            buffer.rewind();
            switch (part.dtype()) {
                case FLOAT32 -> buffer.asFloatBuffer().get(values, offset, count);
                case BFLOAT16 -> {
                    for (int i = 0; i < count; i++) {
                        values[offset + i] = fromBfloat16(buffer.getShort(2 * i));
                    }
                }
                case UINT8 -> {
                    for (int i = 0; i < count; i++) {
                        values[offset + i] = buffer.get(i) & 0xFF;
                    }
                }
                case INT64 -> {
                    for (int i = 0; i < count; i++) {
                        values[offset + i] = buffer.getLong(8 * i);
                    }
                }
            }
        });
        return values;
    }

    /** Round to nearest even; NaN stays NaN. */
    public static short toBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | 0x40);
        }
        return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }

    public static float fromBfloat16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    private interface Chunk {
        void copy(Tensor part, int offset, int count);
    }

    private static void inChunks(Tensor tensor, Chunk chunk) {
        int most = CHUNK_BYTES / tensor.dtype().bytes();
        for (long offset = 0; offset < tensor.elements(); offset += most) {
            int count = (int) Math.min(most, tensor.elements() - offset);
            chunk.copy(tensor.view(offset, count), (int) offset, count);
        }
    }

    private static ByteBuffer buffer(Tensor tensor) {
        return CHUNK.get().clear().limit(Math.toIntExact(tensor.bytes()));
    }

    private static void requireLength(Tensor tensor, int length) {
        if (tensor.elements() != length) {
            throw new IllegalArgumentException(length + " values for " + tensor);
        }
    }
}
