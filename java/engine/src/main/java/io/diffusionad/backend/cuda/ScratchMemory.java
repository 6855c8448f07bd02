package io.diffusionad.backend.cuda;

import java.util.ArrayList;
import java.util.List;

/**
 * Device memory for partial results that live within one operation. Operations follow each other on one stream, so all of them share it. It
 * grows by doubling; outgrown blocks stay until the end, because a recorded graph may still point into them.
 */
final class ScratchMemory implements AutoCloseable {
    private static final long SMALLEST = 32L << 20;

    private record Block(long address, long bytes) { }

    private final CudaMemory memory;
    private final List<Block> blocks = new ArrayList<>();

    ScratchMemory(CudaMemory memory) {
        this.memory = memory;
    }

    /** At least {@code bytes} bytes, valid until the next operation asks; contents undefined. */
    long atLeast(long bytes) {
        if (blocks.isEmpty() || last().bytes() < bytes) {
            long size = Math.max(bytes, blocks.isEmpty() ? SMALLEST : 2 * last().bytes());
            blocks.add(new Block(memory.allocate(size), size));
        }
        return last().address();
    }

    private Block last() {
        return blocks.get(blocks.size() - 1);
    }

    @Override
    public void close() {
        blocks.forEach(block -> memory.free(block.address(), block.bytes()));
        blocks.clear();
    }
}
