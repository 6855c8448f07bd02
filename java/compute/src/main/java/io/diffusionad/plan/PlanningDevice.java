package io.diffusionad.plan;

import io.diffusionad.device.Device;
import io.diffusionad.ops.CountingOps;
import io.diffusionad.ops.OperationProfile;
import io.diffusionad.ops.Ops;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.MemorySource;
import io.diffusionad.tensor.Tensor;

import java.nio.ByteBuffer;

/**
 * A device that computes nothing and owns no memory: running a network or a training step on it tells beforehand what
 * the same code costs on a real one, in FLOP, memory traffic and peak memory. Downloads read zeros.
 */
public final class PlanningDevice implements Device {
    /** Imaginary addresses, counted. */
    private static final class CountedMemory implements MemorySource {
        private long nextAddress = Arena.ALIGNMENT;
        private long current;
        private long peak;

        @Override
        public synchronized long allocate(long bytes) {
            long address = nextAddress;
            nextAddress += (bytes + Arena.ALIGNMENT - 1) / Arena.ALIGNMENT * Arena.ALIGNMENT;
            current += bytes;
            peak = Math.max(peak, current);
            return address;
        }

        @Override
        public synchronized void free(long address, long bytes) {
            current -= bytes;
        }

        synchronized long peak() {
            return peak;
        }
    }

    private final CountedMemory memory = new CountedMemory();
    private final CountingOps ops = new CountingOps();

    /** Everything counted so far; {@link OperationProfile#clear} starts anew. */
    public OperationProfile profile() {
        return ops.profile();
    }

    /** The most bytes that all arenas together held at any time. */
    public long peakMemory() {
        return memory.peak();
    }

    /** Memory that a backend takes beside the arenas: packed copies of the convolution weights that were used. */
    public long packedWeightBytes() {
        return ops.packedWeightBytes();
    }

    @Override
    public String name() {
        return "plan";
    }

    @Override
    public String description() {
        return "counts operations and memory without computing";
    }

    @Override
    public Ops ops() {
        return ops;
    }

    @Override
    public Arena newArena(String arenaName) {
        return new Arena(arenaName, memory);
    }

    @Override
    public long availableMemory() {
        return Long.MAX_VALUE;
    }

    /** The way that takes more memory. */
    @Override
    public boolean isBusyWithOneImage() {
        return false;
    }

    @Override
    public boolean hasFastBfloat16() {
        return false;
    }

    @Override
    public boolean computesInt8() {
        return true;
    }

    @Override
    public void upload(Tensor destination, ByteBuffer source) {
        destination.checkLive();
    }

    @Override
    public void download(ByteBuffer destination, Tensor source) {
        source.checkLive();
        ByteBuffer out = destination.duplicate();
        while (out.hasRemaining()) {
            out.put((byte) 0);
        }
    }

    @Override
    public void synchronize() {
        // Nothing is ever under way.
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
