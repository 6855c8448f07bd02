package io.diffusionad.testkit.reference;

import io.diffusionad.device.Device;
import io.diffusionad.ops.Ops;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.Tensor;

import java.nio.ByteBuffer;

/** A device whose operations are {@link ReferenceOps}. */
public final class ReferenceDevice implements Device {
    private final String name;
    private final TensorMemory memory;
    private final ReferenceOps ops;

    private ReferenceDevice(String name, TensorMemory memory, Arithmetic arithmetic) {
        this.name = name;
        this.memory = memory;
        this.ops = new ReferenceOps(memory, arithmetic);
    }

    /** Every element kept as a float64, no native memory: results without any rounding to float32. */
    public static ReferenceDevice exact() {
        return new ReferenceDevice("reference", new Float64Memory(), Arithmetic.EXACT);
    }

    /** What a straightforward float32 or bfloat16 implementation computes. */
    public static ReferenceDevice naive() {
        return new ReferenceDevice("naive", new Float64Memory(), Arithmetic.NAIVE);
    }

    /**
     * float64 inside an operation, {@code host}'s memory between operations: tensors of both devices can be mixed. The
     * caller closes {@code host}.
     */
    public static ReferenceDevice on(Device host) {
        return new ReferenceDevice("reference", new HostMemory(host), Arithmetic.EXACT);
    }

    /** All elements without rounding. */
    public double[] read(Tensor tensor) {
        return memory.read(tensor);
    }

    /** Sets all elements without rounding them to the tensor's type where the memory can hold them. */
    public void write(Tensor tensor, double[] values) {
        memory.write(tensor, values);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return name + " operations in plain Java, " + Runtime.getRuntime().availableProcessors() + " threads";
    }

    @Override
    public Ops ops() {
        return ops;
    }

    @Override
    public Arena newArena(String arenaName) {
        return memory.newArena(arenaName);
    }

    @Override
    public long availableMemory() {
        return Runtime.getRuntime().maxMemory();
    }

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
        memory.upload(destination, source);
    }

    @Override
    public void download(ByteBuffer destination, Tensor source) {
        memory.download(destination, source);
    }

    @Override
    public void synchronize() {
        // Every operation is finished on return.
    }

    @Override
    public void close() {
        // Arenas own the memory, and their owners close them.
    }
}
