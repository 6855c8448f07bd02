package io.diffusionad.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A dense row-major array in Java memory, as files hold it: at most 2 GiB. The shape may be empty (a scalar) or contain
 * zeros. Immutable: {@link #data()} is read-only, little-endian, positioned at the first element.
 */
public record HostTensor(ElementType type, int[] shape, ByteBuffer data) {
    /**
     * @param data its remaining bytes are the elements; shared, not copied
     * @throws IllegalArgumentException when they are not as many as the shape says
     */
    public HostTensor {
        shape = shape.clone();
        data = data.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
        if (data.remaining() % type.bytes() != 0 || elements(shape) != data.remaining() / type.bytes()) {
            throw new IllegalArgumentException(data.remaining() + " bytes for " + type + Arrays.toString(shape));
        }
    }

    public static HostTensor ofFloats(int[] shape, float... values) {
        ByteBuffer data = allocate(values.length, Float.BYTES);
        data.asFloatBuffer().put(values);
        return new HostTensor(ElementType.F32, shape, data);
    }

    public static HostTensor ofDoubles(int[] shape, double... values) {
        ByteBuffer data = allocate(values.length, Double.BYTES);
        data.asDoubleBuffer().put(values);
        return new HostTensor(ElementType.F64, shape, data);
    }

    public static HostTensor ofLongs(int[] shape, long... values) {
        ByteBuffer data = allocate(values.length, Long.BYTES);
        data.asLongBuffer().put(values);
        return new HostTensor(ElementType.I64, shape, data);
    }

    /** Unsigned bytes; the array is shared. */
    public static HostTensor ofBytes(int[] shape, byte... values) {
        return new HostTensor(ElementType.U8, shape, ByteBuffer.wrap(values));
    }

    @Override
    public int[] shape() {
        return shape.clone();
    }

    @Override
    public ByteBuffer data() {
        return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Number of elements. */
    public int elements() {
        return data.capacity() / type.bytes();
    }

    public boolean hasShape(int... expected) {
        return Arrays.equals(shape, expected);
    }

    /** All elements as floats; 64-bit values are rounded to nearest. */
    public float[] toFloats() {
        float[] values = new float[elements()];
        if (type == ElementType.F32) {
            data().asFloatBuffer().get(values);
        } else {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) doubleAt(i);
            }
        }
        return values;
    }

    /** All elements as doubles; 64-bit integers are rounded to nearest. */
    public double[] toDoubles() {
        double[] values = new double[elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = doubleAt(i);
        }
        return values;
    }

    /** All elements as integers, booleans as 0 and 1. @throws IllegalStateException for a floating-point tensor */
    public long[] toLongs() {
        if (type.isFloating()) {
            throw new IllegalStateException("integers asked of " + this);
        }
        long[] values = new long[elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = longAt(i);
        }
        return values;
    }

    /** The raw bytes, copied. */
    public byte[] toBytes() {
        byte[] bytes = new byte[data.capacity()];
        data().get(bytes);
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HostTensor tensor
                && type == tensor.type
                && Arrays.equals(shape, tensor.shape)
                && data.equals(tensor.data);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * type.hashCode() + Arrays.hashCode(shape)) + data.hashCode();
    }

    @Override
    public String toString() {
        return type + Arrays.toString(shape).replace(" ", "");
    }

    /**
     * Product of the dimensions in 64 bits. @throws IllegalArgumentException for a negative dimension or a product
     * beyond 2^63
     */
    static long elements(int... shape) {
        long product = 1;
        for (int dim : shape) {
            if (dim < 0) {
                throw new IllegalArgumentException("negative dimension in " + Arrays.toString(shape));
            }
            product = multiplySaturating(product, dim);
        }
        if (product == Long.MAX_VALUE) {
            throw new IllegalArgumentException("the shape " + Arrays.toString(shape) + " has too many elements");
        }
        return product;
    }

    private static long multiplySaturating(long product, int dim) {
        return dim != 0 && product > Long.MAX_VALUE / dim ? Long.MAX_VALUE : product * dim;
    }

    private double doubleAt(int i) {
        return switch (type) {
            case F64 -> data.getDouble(8 * i);
            case F32 -> data.getFloat(4 * i);
            case BF16 -> Float.intBitsToFloat(data.getShort(2 * i) << 16);
            case F16 -> fromFloat16(data.getShort(2 * i));
            default -> longAt(i);
        };
    }

    private long longAt(int i) {
        return switch (type) {
            case I64 -> data.getLong(8 * i);
            case I32 -> data.getInt(4 * i);
            case U32 -> data.getInt(4 * i) & 0xFFFFFFFFL;
            case I16 -> data.getShort(2 * i);
            case U16 -> data.getShort(2 * i) & 0xFFFF;
            case I8 -> data.get(i);
            case U8 -> data.get(i) & 0xFF;
            case BOOL -> data.get(i) != 0 ? 1 : 0;
            case F64, F32, BF16, F16 -> throw new IllegalStateException("integers asked of " + this);
        };
    }

    /** IEEE 754 binary16, exact. */
    private static float fromFloat16(short half) {
        int exponent = (half >> 10) & 0x1F;
        int fraction = half & 0x3FF;
        float magnitude =
                switch (exponent) {
                    case 0 -> fraction * 0x1p-24f;
                    case 31 -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
                    default -> Float.intBitsToFloat((exponent + 112) << 23 | fraction << 13);
                };
        return half < 0 ? -magnitude : magnitude;
    }

    private static ByteBuffer allocate(int count, int elementBytes) {
        return ByteBuffer.allocate(Math.multiplyExact(count, elementBytes)).order(ByteOrder.LITTLE_ENDIAN);
    }
}
