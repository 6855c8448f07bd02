package io.diffusionad.backend.cpu;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.ops.Ops;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.Tensor;

import java.nio.ByteBuffer;

/** The machine's processor. Operations run on the calling thread and a team of OpenMP threads, and are finished on return. */
public final class CpuDevice implements Device {
    private final CpuMemory memory = new CpuMemory();

    CpuDevice(DeviceOptions options) {
        CpuLibrary.load();
    }

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public String description() {
        return "cpu";
    }

    @Override
    public Ops ops() {
        throw new UnsupportedOperationException("CpuOps");
    }

    @Override
    public Arena newArena(String name) {
        return new Arena(name, memory);
    }

    @Override
    public long availableMemory() {
        return Runtime.getRuntime().maxMemory();
    }

    @Override
    public boolean hasFastBfloat16() {
        return false;
    }

    @Override
    public void upload(Tensor destination, ByteBuffer source) {
        requireBytes(destination, source);
        CpuNative.view(destination.address(), destination.bytes()).put(source.duplicate());
    }

    @Override
    public void download(ByteBuffer destination, Tensor source) {
        requireBytes(source, destination);
        destination.duplicate().put(CpuNative.view(source.address(), source.bytes()));
    }

    @Override
    public void synchronize() {
        // Every operation is finished on return.
    }

    @Override
    public void close() {
    }

    private static void requireBytes(Tensor tensor, ByteBuffer buffer) {
        if (buffer.remaining() != tensor.bytes()) {
            throw new IllegalArgumentException("a buffer of " + buffer.remaining() + " bytes for " + tensor);
        }
    }
}
