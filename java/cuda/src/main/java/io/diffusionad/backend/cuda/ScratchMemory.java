package io.diffusionad.backend.cuda;

import java.util.ArrayList;
import java.util.List;

/**
 * Device memory for partial results that live within one operation. Operations follow each other on one stream, so all
 * of them share it. It grows by doubling; outgrown blocks stay until the end, because a recorded graph may still point
 * into them.
 */
final class ScratchMemory implements AutoCloseable {
    private static final long SMALLEST = 32L << 20;
    /**
     * Of all blocks, for up to 64 samples in one operation: our kernels take most, about 1 MiB a sample, for the parts
     * of sums that are split over blocks ({@link GatherProblem#splits}), and ask for no more than 16 MiB in a gradient
     * by the weight.
     */
    private static final long EXPECTED = SMALLEST + 2 * SMALLEST;

    private record Block(long address, long bytes) {}

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

    /** Bytes that this may grow by. */
    long yetToCome() {
        return Math.max(0, EXPECTED - blocks.stream().mapToLong(Block::bytes).sum());
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
