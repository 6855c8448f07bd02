package io.diffusionad.backend.cpu;

import java.nio.ByteBuffer;

/** JNI entry points of the CPU backend's memory and devices; addresses are raw pointers. */
final class CpuNative {
    private CpuNative() {}

    /** Zeroed pages aligned to at least 4 KiB, huge pages advised; 0 when the system refuses. */
    static native long allocate(long bytes);

    static native void free(long address, long bytes);

    /**
     * Gives the pages that lie wholly inside the range back to the system; it stays mapped, its contents are undefined.
     */
    static native void discard(long address, long bytes);

    /** A direct buffer over memory that the caller keeps alive. */
    static native ByteBuffer view(long address, long bytes);

    static native void copy(long destination, long source, long bytes);

    /**
     * Writes float32 filters (K, C, taps) as (K, taps, C).
     *
     * @param source direct, in the processor's byte order
     * @param offset of the first filter, in bytes
     * @return whether every value is finite
     */
    static native boolean storeFilters(
            long destination, ByteBuffer source, int offset, long filters, long channels, long taps);

    /**
     * @param instructionSet the most that our own loops may use (baseline, avx2, avx512), or empty for the best that
     *     the processor has
     */
    static native long createDevice(int threads, String instructionSet);

    static native void destroyDevice(long context);

    /** What the processor has, of the sets that make a difference here. */
    static native String instructionSets();

    static native boolean multipliesBfloat16();

    /**
     * Whether 8-bit convolutions run on this device: AVX2, unless {@link CpuDevice#INSTRUCTION_SET_PROPERTY} forbids
     * it, or AVX512-VNNI.
     */
    static native boolean computesInt8(long context);

    /**
     * Whether convolutions of stride 1 of this shape take less time in 8 bits than in the type of the activations, by
     * its number.
     */
    static native boolean gainsFromInt8(
            long context, int activations, int kernel, int height, int width, int inputs, int outputs);

    /** The instruction set of our own loops on this device. */
    static native String loopInstructionSet(long context);

    /** oneDNN's version and the instruction set that it uses. */
    static native String oneDnn();
}
