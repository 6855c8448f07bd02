package io.diffusionad.testkit.reference;

import io.diffusionad.device.Transfers;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.MemorySource;
import io.diffusionad.tensor.Tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A memory of imaginary addresses in which every element, whatever its type, is one float64 (or one long), so that
 * chains of operations lose nothing between them. What was never written reads as NaN. An element lives under the
 * address of its first byte, which makes views and slices work.
 */
final class Float64Memory implements TensorMemory, MemorySource {
    private static final int PAGE_BITS = 12;
    private static final int PAGE = 1 << PAGE_BITS;
    private static final long NEVER_WRITTEN = Double.doubleToRawLongBits(Double.NaN);

    private final Map<Long, long[]> pages = new ConcurrentHashMap<>();
    private final AtomicLong nextAddress = new AtomicLong(PAGE);

    @Override
    public Arena newArena(String name) {
        return new Arena(name, this);
    }

    @Override
    public long allocate(long bytes) {
        return nextAddress.getAndAdd((bytes + PAGE - 1) / PAGE * PAGE);
    }

    @Override
    public void free(long address, long bytes) {
        for (long page = address >> PAGE_BITS; page < (address + bytes + PAGE - 1) >> PAGE_BITS; page++) {
            pages.remove(page);
        }
    }

    @Override
    public double[] read(Tensor tensor) {
        double[] values = new double[Math.toIntExact(tensor.elements())];
        long[] words = readLongs(tensor);
        for (int i = 0; i < values.length; i++) {
            values[i] = tensor.dtype() == DType.INT64 ? words[i] : Double.longBitsToDouble(words[i]);
        }
        return values;
    }

    @Override
    public long[] readLongs(Tensor tensor) {
        long[] words = new long[Math.toIntExact(tensor.elements())];
        long address = tensor.address();
        for (int i = 0; i < words.length; i++, address += tensor.dtype().bytes()) {
            long[] page = pages.get(address >> PAGE_BITS);
            words[i] = page == null ? NEVER_WRITTEN : page[(int) (address & PAGE - 1)];
        }
        return words;
    }

    @Override
    public void write(Tensor tensor, double[] values) {
        long[] words = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            words[i] = tensor.dtype() == DType.INT64 ? (long) values[i] : Double.doubleToRawLongBits(values[i]);
        }
        writeLongs(tensor, words);
    }

    private void writeLongs(Tensor tensor, long[] words) {
        if (words.length != tensor.elements()) {
            throw new IllegalArgumentException(words.length + " values for " + tensor);
        }
        long address = tensor.address();
        for (long word : words) {
            page(address)[(int) (address & PAGE - 1)] = word;
            address += tensor.dtype().bytes();
        }
    }

    private long[] page(long address) {
        return pages.computeIfAbsent(address >> PAGE_BITS, key -> {
            long[] page = new long[PAGE];
            Arrays.fill(page, NEVER_WRITTEN);
            return page;
        });
    }

    @Override
    public void upload(Tensor destination, ByteBuffer source) {
        requireBytes(destination, source);
        ByteBuffer in = source.duplicate().order(ByteOrder.nativeOrder());
        long[] words = new long[Math.toIntExact(destination.elements())];
        for (int i = 0; i < words.length; i++) {
            words[i] = switch (destination.dtype()) {
                case FLOAT32 -> Double.doubleToRawLongBits(in.getFloat());
                case BFLOAT16 -> Double.doubleToRawLongBits(Transfers.fromBfloat16(in.getShort()));
                case UINT8 -> Double.doubleToRawLongBits(in.get() & 0xFF);
                case INT64 -> in.getLong();
            };
        }
        writeLongs(destination, words);
    }

    @Override
    public void download(ByteBuffer destination, Tensor source) {
        requireBytes(source, destination);
        ByteBuffer out = destination.duplicate().order(ByteOrder.nativeOrder());
        for (long word : readLongs(source)) {
            double value = Double.longBitsToDouble(word);
            switch (source.dtype()) {
                case FLOAT32 -> out.putFloat((float) value);
                case BFLOAT16 -> out.putShort(Transfers.toBfloat16((float) value));
                case UINT8 -> out.put((byte) value);
                case INT64 -> out.putLong(word);
            }
        }
    }

    private static void requireBytes(Tensor tensor, ByteBuffer buffer) {
        if (buffer.remaining() != tensor.bytes()) {
            throw new IllegalArgumentException("a buffer of " + buffer.remaining() + " bytes for " + tensor);
        }
    }
}
