package io.diffusionad.device;

/**
 * A fixed sequence of operations that a device repeats at little cost; made by {@link Device#record}. Close it before
 * its device and arenas.
 */
public interface Recording extends AutoCloseable {
    /** Runs the operations again, on whatever their tensors hold at that moment. */
    void replay();

    @Override
    void close();
}
