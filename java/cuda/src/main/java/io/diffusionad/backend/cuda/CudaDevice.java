package io.diffusionad.backend.cuda;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.DeviceUnavailableException;
import io.diffusionad.device.Recording;
import io.diffusionad.ops.Ops;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.Tensor;
import jcuda.CudaException;
import jcuda.driver.JCudaDriver;

import java.nio.ByteBuffer;

/**
 * One NVIDIA card. Operations are queued on one stream and run in order; uploads return when the source has been read,
 * downloads and {@link #synchronize()} wait for everything before them.
 */
public final class CudaDevice implements Device {
    private final String name;
    private final GpuProperties gpu;
    private final CudaContext context;
    private final CudaLibraries libraries;
    private final CudaMemory memory;
    private final ScratchMemory scratch;
    private final KernelModules modules;
    private final PackedWeights packed;
    private final KernelTuner tuner;
    private final Staging staging;
    private final CudaOps ops;
    private boolean closed;

    private CudaDevice(int index, GpuProperties gpu, KernelTable table, DeviceOptions options) {
        this.name = "cuda:" + index;
        this.gpu = gpu;
        context = new CudaContext(index);
        try {
            libraries = CudaLibraries.open(options.providers(), context.stream(), options.tf32());
        } catch (RuntimeException e) {
            context.close();
            throw e;
        }
        memory = new CudaMemory(context, name);
        scratch = new ScratchMemory(memory);
        modules = new KernelModules(gpu, table);
        Launch launch = new Launch(context, modules, gpu.multiprocessors());
        packed = new PackedWeights(memory, launch);
        TuningCache cache = TuningCache.forCard(gpu, table.entries().hashCode());
        tuner = new KernelTuner(context, gpu, memory, launch, cache, KernelTuner.isMeasuringWanted());
        staging = new Staging(context);
        LibraryChoice choice = new LibraryChoice(libraries, context, memory, launch, tuner, cache, options.tf32());
        ops = new CudaOps(
                context, launch, scratch, packed, tuner, choice, TensorMaps.forCard(gpu, table), gpu, options.tf32());
    }

    /**
     * @throws DeviceUnavailableException when the card cannot run the kernels of this build, or has no memory left for
     *     a context
     */
    static CudaDevice open(int index, DeviceOptions options) {
        KernelTable table = KernelTable.load();
        GpuProperties gpu = GpuProperties.of(index);
        gpu.unsupportedCause(table).ifPresent(cause -> {
            throw new DeviceUnavailableException(cause);
        });
        CudaDevice device;
        try {
            device = new CudaDevice(index, gpu, table, options);
        } catch (CudaException e) {
            throw new DeviceUnavailableException("device cuda:" + index + " (" + gpu.name() + ") cannot be opened: "
                    + e.getMessage() + "; close other programs on the card or use --device cpu");
        }
        try {
            device.modules.kernel("fill_f32"); // shows at once whether the card runs the packed kernels
        } catch (RuntimeException e) {
            try {
                device.close();
            } catch (RuntimeException again) {
                e.addSuppressed(again); // a broken context fails at everything
            }
            throw e;
        }
        return device;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        int[] driver = new int[1];
        JCudaDriver.cuDriverGetVersion(driver);
        return gpu.name() + ", compute capability " + gpu.capability() / 10 + "." + gpu.capability() % 10 + ", "
                + gpu.multiprocessors() + " multiprocessors, " + (gpu.memory() >> 20) + " MiB, driver for CUDA "
                + driver[0] / 1000 + "." + driver[0] % 1000 / 10;
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
        return memory.free();
    }

    /**
     * For our kernels. NVIDIA's libraries take more, and are done without where a first call finds no room to try them.
     */
    @Override
    public long reservedMemory() {
        return scratch.yetToCome();
    }

    @Override
    public boolean isBusyWithOneImage() {
        return false;
    }

    @Override
    public boolean hasFastBfloat16() {
        return gpu.hasTensorCores();
    }

    @Override
    public Recording record(Runnable operations) {
        return new CudaRecording(context, packed, tuner, staging, operations);
    }

    @Override
    public boolean computesInt8() {
        return false;
    }

    @Override
    public void upload(Tensor destination, ByteBuffer source) {
        requireBytes(destination, source);
        call("upload " + destination, () -> staging.upload(destination.address(), source));
    }

    @Override
    public void download(ByteBuffer destination, Tensor source) {
        requireBytes(source, destination);
        call("download " + source, () -> staging.download(destination, source.address()));
    }

    @Override
    public void synchronize() {
        call("synchronize", context::synchronize);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        context.synchronize();
        libraries.close();
        staging.close();
        packed.close();
        scratch.close();
        modules.close();
        context.close();
    }

    private void call(String what, Runnable driverCalls) {
        context.makeCurrent();
        try {
            driverCalls.run();
        } catch (CudaException e) {
            throw CudaFailure.of(what + " on " + name, e);
        }
    }

    private static void requireBytes(Tensor tensor, ByteBuffer buffer) {
        if (buffer.remaining() != tensor.bytes()) {
            throw new IllegalArgumentException("a buffer of " + buffer.remaining() + " bytes for " + tensor);
        }
    }
}
