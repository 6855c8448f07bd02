package io.diffusionad.backend.cpu;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.DeviceUnavailableException;
import io.diffusionad.device.ReferenceOrder;
import io.diffusionad.ops.OpException;
import io.diffusionad.ops.Ops;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import java.nio.ByteBuffer;

/**
 * The machine's processor. Operations run on the calling thread and a team of OpenMP threads, and are finished on
 * return.
 */
public final class CpuDevice implements Device {
    /**
     * The most that our own loops may use: {@code baseline}, {@code avx2} or {@code avx512}; unset for the best that
     * the processor has. oneDNN has a limit of its own, the environment variable {@code ONEDNN_MAX_CPU_ISA}.
     */
    public static final String INSTRUCTION_SET_PROPERTY = "diffusionad.cpu.isa";

    private final CpuMemory memory = new CpuMemory();
    private final int threads;
    private final CpuHandle handle;
    private final CpuOps ops;

    CpuDevice(DeviceOptions options) {
        CpuLibrary.load();
        threads = options.threads() > 0 ? options.threads() : Processor.physicalCores();
        handle = open(threads);
        ops = new CpuOps(handle);
    }

    private static CpuHandle open(int threads) {
        try {
            return new CpuHandle(CpuNative.createDevice(threads, System.getProperty(INSTRUCTION_SET_PROPERTY, "")));
        } catch (OpException e) {
            throw new DeviceUnavailableException(
                    "the device cpu cannot compute with " + threads + " threads: " + e.getMessage());
        }
    }

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public String description() {
        return Processor.modelName() + ", " + threads + (threads == 1 ? " thread, " : " threads, ")
                + CpuNative.instructionSets()
                + "; " + CpuNative.oneDnn() + ", own loops " + CpuNative.loopInstructionSet(handle.address())
                + "; threads " + OpenMpRuntime.waiting().words() + "; " + (availableMemory() >> 20)
                + " MiB of memory available";
    }

    @Override
    public Ops ops() {
        return ops;
    }

    @Override
    public Arena newArena(String name) {
        return new Arena(name, memory);
    }

    @Override
    public long availableMemory() {
        return Processor.availableMemory();
    }

    @Override
    public boolean isBusyWithOneImage() {
        return true;
    }

    @Override
    public boolean hasFastBfloat16() {
        return CpuNative.multipliesBfloat16();
    }

    @Override
    public boolean computesInt8() {
        return CpuNative.computesInt8(handle.address());
    }

    @Override
    public boolean gainsFromInt8(DType activations, int kernel, int height, int width, int inputs, int outputs) {
        return CpuNative.gainsFromInt8(handle.address(), activations.ordinal(), kernel, height, width, inputs, outputs);
    }

    @Override
    public void upload(Tensor destination, ByteBuffer source) {
        requireBytes(destination, source);
        CpuNative.view(destination.address(), destination.bytes()).put(source.duplicate());
    }

    @Override
    public boolean uploadReference(Tensor destination, ByteBuffer source) {
        requireBytes(destination, source);
        if (!source.isDirect()) {
            throw new IllegalArgumentException(
                    "a buffer on the heap for " + destination + ": parameters come in direct buffers");
        }
        ReferenceOrder order = ReferenceOrder.of(destination);
        return CpuNative.storeFilters(
                destination.address(), source, source.position(), order.filters(), order.channels(), order.taps());
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
        handle.close();
    }

    private static void requireBytes(Tensor tensor, ByteBuffer buffer) {
        if (buffer.remaining() != tensor.bytes()) {
            throw new IllegalArgumentException("a buffer of " + buffer.remaining() + " bytes for " + tensor);
        }
    }
}
