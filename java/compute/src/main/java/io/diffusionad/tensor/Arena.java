package io.diffusionad.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * A named owner of memory. Allocation is a stack: {@link #mark()} remembers the top, {@link #release(long)} drops
 * everything allocated since; blocks stay with the arena for reuse until it is closed, so a warm loop allocates nothing
 * from the device. A tensor used after its release or after close throws. Not thread-safe: one arena belongs to one
 * thread at a time.
 */
public final class Arena implements AutoCloseable {
    /** Start of every tensor, in bytes: a cache line, a GPU sector and the widest vector all divide it. */
    public static final int ALIGNMENT = 256;

    private static final long MIN_BLOCK = 16L << 20;

    private record Block(long address, long bytes) {}

    private record Allocation(long serial, int block, long end) {}

    private final String name;
    private final MemorySource source;
    private final List<Block> blocks = new ArrayList<>();
    private final List<Allocation> live = new ArrayList<>();
    private final List<Runnable> closeActions = new ArrayList<>();
    private long nextSerial;
    private long used;
    private long peak;
    private boolean closed;

    public Arena(String name, MemorySource source) {
        this.name = name;
        this.source = source;
    }

    public String name() {
        return name;
    }

    /** A tensor with undefined contents, valid until the enclosing mark is released or the arena closed. */
    public Tensor tensor(DType dtype, int... dims) {
        checkOpen();
        long bytes = roundUp(Tensor.elements(dims) * dtype.bytes());
        int block = live.isEmpty() ? 0 : live.get(live.size() - 1).block();
        long start = live.isEmpty() ? 0 : live.get(live.size() - 1).end();
        while (block < blocks.size() && start + bytes > blocks.get(block).bytes()) {
            block++;
            start = 0;
        }
        if (block == blocks.size()) {
            long size = Math.max(bytes, Math.max(MIN_BLOCK, Math.min(reserved(), 1L << 30)));
            blocks.add(new Block(source.allocate(size), size));
        }
        long serial = nextSerial++;
        live.add(new Allocation(serial, block, start + bytes));
        used += bytes;
        peak = Math.max(peak, used);
        return new Tensor(this, live.size() - 1, serial, blocks.get(block).address() + start, dtype, dims.clone());
    }

    /**
     * Takes one block of so many bytes from the device, if the arena has none yet: for an owner who knows what will be
     * needed. Growth step by step leaves smaller blocks behind.
     */
    public void reserve(long bytes) {
        checkOpen();
        if (blocks.isEmpty()) {
            blocks.add(new Block(source.allocate(roundUp(bytes)), roundUp(bytes)));
        }
    }

    public Tensor float32(int... dims) {
        return tensor(DType.FLOAT32, dims);
    }

    /** The present top of the stack, for {@link #release(long)}. */
    public long mark() {
        checkOpen();
        return live.size();
    }

    /** Drops every tensor allocated since {@code mark}. */
    public void release(long mark) {
        checkOpen();
        if (mark < 0 || mark > live.size()) {
            throw new IllegalArgumentException("arena " + name + ": mark " + mark + " is above the top " + live.size());
        }
        while (live.size() > mark) {
            Allocation top = live.remove(live.size() - 1);
            Allocation below = live.isEmpty() ? null : live.get(live.size() - 1);
            used -= below != null && below.block() == top.block() ? top.end() - below.end() : top.end();
        }
    }

    /** {@code try (var scope = arena.scope()) { … }}: a mark that is released at the end of the block. */
    public Scope scope() {
        long mark = mark();
        return () -> release(mark);
    }

    /** Releases an arena to a mark on close; throws nothing. */
    @FunctionalInterface
    public interface Scope extends AutoCloseable {
        @Override
        void close();
    }

    /** Runs when the arena is closed, before its memory goes: backends drop what they derived from its tensors here. */
    public void onClose(Runnable action) {
        checkOpen();
        closeActions.add(action);
    }

    /** Bytes of the live tensors. */
    public long used() {
        return used;
    }

    /** The largest {@link #used()} so far. */
    public long peak() {
        return peak;
    }

    /** Bytes taken from the device. */
    public long reserved() {
        return blocks.stream().mapToLong(Block::bytes).sum();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closeActions.forEach(Runnable::run);
        closed = true;
        live.clear();
        blocks.forEach(block -> source.free(block.address(), block.bytes()));
        blocks.clear();
    }

    void discard(long address, long bytes) {
        source.discard(address, bytes);
    }

    boolean isLive(int index, long serial) {
        return !closed && index < live.size() && live.get(index).serial() == serial;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("arena " + name + " is closed");
        }
    }

    private static long roundUp(long bytes) {
        return (Math.max(bytes, 1) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
