package io.diffusionad.backend.cuda;

import jcuda.CudaException;
import jcuda.driver.JCudaDriver;

import java.io.IOException;
import java.util.Optional;

/**
 * The NVIDIA driver's library: looked for first without loading anything, so that machines without it never touch
 * native code, then bound through JCuda, once a process. The outcome is remembered.
 */
final class DriverLibrary {
    private static final String FILE = "libcuda.so.1";
    private static Optional<String> cause;

    private DriverLibrary() {}

    /** Empty when the driver is loaded and initialised; else why not, with the way out. Never throws, never prints. */
    static synchronized Optional<String> unavailabilityCause() {
        if (cause == null) {
            cause = load();
        }
        return cause;
    }

    private static Optional<String> load() {
        if (!System.getProperty("os.name").equals("Linux")
                || !System.getProperty("os.arch").equals("amd64")) {
            return Optional.of("CUDA is supported on Linux x86-64 only");
        }
        if (!SharedLibraries.isInstalled(FILE)) {
            return Optional.of("no NVIDIA driver was found (" + FILE
                    + " is on no library path): install the driver of your graphics card");
        }
        try {
            SharedLibraries.bind("jcuda.driver.JCudaDriver");
            JCudaDriver.setExceptionsEnabled(true);
            JCudaDriver.cuInit(0);
            return Optional.empty();
        } catch (CudaException e) {
            return Optional.of(initialisationCause(e.getMessage()));
        } catch (IOException | LinkageError e) {
            return Optional.of("the NVIDIA driver is there but JCuda cannot be bound to it ("
                    + SharedLibraries.reason(e) + "): install the driver again");
        }
    }

    private static String initialisationCause(String status) {
        return switch (status) {
            case "CUDA_ERROR_NO_DEVICE" ->
                "the NVIDIA driver sees no CUDA card: check nvidia-smi, and that CUDA_VISIBLE_DEVICES does not hide it";
            case "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH" ->
                "the NVIDIA kernel module and " + FILE + " differ in version: reboot after a driver update";
            default -> "the NVIDIA driver does not start (" + status + "): check that nvidia-smi works";
        };
    }
}
