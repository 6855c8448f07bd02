package io.diffusionad.backend.cuda;

import io.diffusionad.tensor.Tensor;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Builds and issues one kernel launch after another:
 * {@code launch.kernel("fill_f32").pointer(y).i64(n).f32(value).over(n, 256)}. Arguments go in the kernel's order. A
 * kernel takes either scalars or one struct ({@link #struct()}), whose fields then go in order with C's alignment. One
 * object serves a device: argument memory is reused, since the driver copies arguments at the launch.
 */
final class Launch {
    private static final int MAX_ARGUMENTS = 32;
    private static final int SLOT = 8;
    /** The largest struct, with the padding of its alignment, which the driver copies too. */
    private static final int MAX_BYTES = 512;
    /**
     * Blocks a multiprocessor for kernels that loop over their elements: enough to fill it, few enough to start
     * quickly.
     */
    private static final int LOOPING_BLOCKS = 16;

    private final CudaContext context;
    private final KernelModules modules;
    private final int multiprocessors;
    private final ByteBuffer values = ByteBuffer.allocateDirect(MAX_BYTES).order(ByteOrder.nativeOrder());
    private final Pointer[] argumentLists = new Pointer[MAX_ARGUMENTS + 1];
    private KernelModules.Kernel kernel;
    private boolean struct;

    Launch(CudaContext context, KernelModules modules, int multiprocessors) {
        this.context = context;
        this.modules = modules;
        this.multiprocessors = multiprocessors;
        Pointer base = Pointer.to(values);
        for (int count = 0; count <= MAX_ARGUMENTS; count++) {
            Pointer[] slots = new Pointer[count];
            for (int i = 0; i < count; i++) {
                slots[i] = base.withByteOffset((long) i * SLOT);
            }
            argumentLists[count] = Pointer.to(slots);
        }
    }

    Launch kernel(String name) {
        kernel = modules.kernel(name);
        values.clear();
        struct = false;
        return this;
    }

    /** The following arguments are the fields of one struct. */
    Launch struct() {
        struct = true;
        return this;
    }

    /** A tensor's address, or null for null. */
    Launch pointer(Tensor tensor) {
        return pointer(tensor == null ? 0L : tensor.address());
    }

    Launch pointer(long address) {
        return i64(address);
    }

    Launch i64(long value) {
        align(Long.BYTES);
        values.putLong(value);
        return this;
    }

    Launch i32(int... arguments) {
        for (int value : arguments) {
            align(Integer.BYTES);
            values.putInt(value);
        }
        return this;
    }

    Launch i32(boolean value) {
        return i32(value ? 1 : 0);
    }

    /** All remaining bytes of a buffer, as a field whose alignment its place already has. */
    Launch bytes(ByteBuffer field) {
        values.put(field);
        return this;
    }

    Launch f32(float... arguments) {
        for (float value : arguments) {
            align(Float.BYTES);
            values.putFloat(value);
        }
        return this;
    }

    /** For kernels that loop over {@code items} with any grid. */
    void over(long items, int block) {
        long blocks = Math.max(1, Math.min((items + block - 1) / block, (long) multiprocessors * LOOPING_BLOCKS));
        grid((int) blocks, 1, 1, block, 0);
    }

    void grid(long x, long y, long z, int block, int sharedBytes) {
        if (x > Integer.MAX_VALUE || y > 65535 || z > 65535) {
            throw new IllegalArgumentException("a grid of " + x + " x " + y + " x " + z + " blocks for " + kernel.name()
                    + " exceeds CUDA's limits");
        }
        int count = struct ? 1 : (values.position() + SLOT - 1) / SLOT;
        JCudaDriver.cuLaunchKernel(
                kernel.function(sharedBytes),
                (int) x,
                (int) y,
                (int) z,
                block,
                1,
                1,
                sharedBytes,
                context.stream(),
                argumentLists[count],
                null);
    }

    /** A scalar argument starts a slot of its own; a struct's field starts at a multiple of its size. */
    private void align(int size) {
        int step = struct ? size : SLOT;
        values.position((values.position() + step - 1) / step * step);
    }
}
