package io.diffusionad.device;

import io.diffusionad.ops.CheckedOps;
import io.diffusionad.ops.Ops;
import io.diffusionad.ops.ProfiledOps;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import java.nio.ByteBuffer;

/** A device with other operations in front of its own: checked or profiled ones. Closing it closes the device. */
public final class DecoratedDevice implements Device {
    /** {@code -Ddiffusionad.check=operands|finite}: every device opened by name checks its calls. */
    public static final String CHECK_PROPERTY = "diffusionad.check";

    private final Device device;
    private final Ops ops;

    /** @param ops what {@link #ops()} returns; it forwards to the device's own */
    public DecoratedDevice(Device device, Ops ops) {
        this.device = device;
        this.ops = ops;
    }

    /** The device with checked operands and, if {@code finiteResults}, checked results. */
    public static DecoratedDevice checked(Device device, boolean finiteResults) {
        return new DecoratedDevice(
                device,
                finiteResults
                        ? CheckedOps.finite(device.ops(), tensor -> Transfers.toFloats(device, tensor))
                        : CheckedOps.operands(device.ops()));
    }

    /** Profiling operations in front of a device's own. */
    public static ProfiledOps profiling(Device device) {
        return new ProfiledOps(device.ops(), device::synchronize);
    }

    /** The device as {@link #CHECK_PROPERTY} asks for. */
    static Device asConfigured(Device device) {
        String check = System.getProperty(CHECK_PROPERTY, "none");
        return switch (check) {
            case "none" -> device;
            case "operands" -> checked(device, false);
            case "finite" -> checked(device, true);
            default ->
                throw new IllegalArgumentException(
                        "-D" + CHECK_PROPERTY + "=" + check + ": use none, operands or finite");
        };
    }

    @Override
    public String name() {
        return device.name();
    }

    @Override
    public String description() {
        return device.description();
    }

    @Override
    public Ops ops() {
        return ops;
    }

    @Override
    public Arena newArena(String name) {
        return device.newArena(name);
    }

    @Override
    public long availableMemory() {
        return device.availableMemory();
    }

    @Override
    public long reservedMemory() {
        return device.reservedMemory();
    }

    @Override
    public boolean isBusyWithOneImage() {
        return device.isBusyWithOneImage();
    }

    @Override
    public boolean hasFastBfloat16() {
        return device.hasFastBfloat16();
    }

    @Override
    public boolean computesInt8() {
        return device.computesInt8();
    }

    @Override
    public boolean gainsFromInt8(DType activations, int kernel, int height, int width, int inputs, int outputs) {
        return device.gainsFromInt8(activations, kernel, height, width, inputs, outputs);
    }

    @Override
    public void upload(Tensor destination, ByteBuffer source) {
        device.upload(destination, source);
    }

    @Override
    public boolean uploadReference(Tensor destination, ByteBuffer source) {
        return device.uploadReference(destination, source);
    }

    @Override
    public void download(ByteBuffer destination, Tensor source) {
        device.download(destination, source);
    }

    @Override
    public void synchronize() {
        device.synchronize();
    }

    @Override
    public void close() {
        device.close();
    }
}
