package io.diffusionad.backend.cuda;

import io.diffusionad.device.DeviceUnavailableException;
import io.diffusionad.error.InvalidInputException;
import jcuda.CudaException;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

import static jcuda.driver.CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;

/** The kernels of one context: a fatbin is loaded when the first of its kernels is asked for. */
final class KernelModules implements AutoCloseable {
    /** What a block may use without asking first. */
    private static final int SHARED_WITHOUT_ASKING = 48 << 10;

    private final GpuProperties gpu;
    private final KernelTable table;
    private final Map<String, CUmodule> modules = new HashMap<>();
    private final Map<String, Kernel> kernels = new HashMap<>();

    /** A loaded kernel. */
    final class Kernel {
        private final String name;
        private final CUfunction function;
        private int sharedAllowed = SHARED_WITHOUT_ASKING;

        private Kernel(String name, CUfunction function) {
            this.name = name;
            this.function = function;
        }

        String name() {
            return name;
        }

        /**
         * The function, allowed to use {@code sharedBytes} of dynamic shared memory.
         *
         * @throws InvalidInputException when the card has less than that, which only wide attention heads ask for
         */
        CUfunction function(int sharedBytes) {
            if (sharedBytes > gpu.sharedMemory()) {
                throw new InvalidInputException("kernel " + name + " needs " + sharedBytes
                        + " bytes of shared memory a block, " + gpu.name() + " has " + gpu.sharedMemory()
                        + ": choose more, narrower attention heads, another precision or --device cpu");
            }
            if (sharedBytes > sharedAllowed) {
                JCudaDriver.cuFuncSetAttribute(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, sharedBytes);
                sharedAllowed = sharedBytes;
            }
            return function;
        }
    }

    KernelModules(GpuProperties gpu, KernelTable table) {
        this.gpu = gpu;
        this.table = table;
    }

    Kernel kernel(String name) {
        Kernel kernel = kernels.get(name);
        if (kernel == null) {
            CUfunction function = new CUfunction();
            JCudaDriver.cuModuleGetFunction(function, module(table.module(name)), name);
            kernel = new Kernel(name, function);
            kernels.put(name, kernel);
        }
        return kernel;
    }

    private CUmodule module(String name) {
        CUmodule module = modules.get(name);
        if (module == null) {
            module = load(name);
            modules.put(name, module);
        }
        return module;
    }

    private CUmodule load(String name) {
        CUmodule module = new CUmodule();
        try {
            JCudaDriver.cuModuleLoadDataEx(module, Pointer.to(image(name)), 0, new int[0], Pointer.to(new int[0]));
            return module;
        } catch (CudaException e) {
            throw new DeviceUnavailableException(
                    switch (e.getMessage()) {
                        case "CUDA_ERROR_NO_BINARY_FOR_GPU" ->
                            "the kernels of this build (" + name + ") were not compiled for " + gpu.name()
                                    + " (compute capability " + gpu.capability() / 10 + "." + gpu.capability() % 10
                                    + "): build with -DDIFFUSIONAD_CUDA_ARCHS="
                                    + gpu.capability() + " or use --device cpu";
                        case "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "CUDA_ERROR_INVALID_SOURCE" ->
                            "the NVIDIA driver is too old for the kernels of this build (" + name + ": "
                                    + e.getMessage() + "): update the driver or use --device cpu";
                        default ->
                            "the kernels " + name + " cannot be loaded on " + gpu.name() + " (" + e.getMessage()
                                    + "): close other programs on the card, update the driver or use --device cpu";
                    });
        }
    }

    private static byte[] image(String name) {
        String resource = "/kernels/" + name + ".fatbin";
        try (InputStream in = KernelModules.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("this build has no " + resource);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + resource, e);
        }
    }

    @Override
    public void close() {
        kernels.clear();
        modules.values().forEach(JCudaDriver::cuModuleUnload);
        modules.clear();
    }
}
