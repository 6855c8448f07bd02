package io.diffusionad.backend.cpu;

import java.nio.ByteBuffer;

/** JNI entry points of the CPU backend's memory; addresses are raw pointers. */
final class CpuNative {
    private CpuNative() { }

    /** Zeroed pages aligned to at least 4 KiB, huge pages advised; 0 when the system refuses. */
    static native long allocate(long bytes);

    static native void free(long address, long bytes);

    /** A direct buffer over memory that the caller keeps alive. */
    static native ByteBuffer view(long address, long bytes);

    static native void copy(long destination, long source, long bytes);
}
