package io.diffusionad.backend.cuda;

import jcuda.CudaException;
import jcuda.driver.JCudaDriver;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The NVIDIA driver's library: looked for first without loading anything, so that machines without it never touch native code, then bound
 * through JCuda, once a process. The outcome is remembered.
 */
final class DriverLibrary {
    private static final String FILE = "libcuda.so.1";
    private static final List<String> USUAL_FOLDERS = List.of("/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64",
            "/usr/lib", "/usr/lib/wsl/lib", "/usr/local/nvidia/lib64", "/run/opengl-driver/lib");
    private static Optional<String> cause;

    private DriverLibrary() { }

    /** Empty when the driver is loaded and initialised; else why not, with the way out. Never throws, never prints. */
    static synchronized Optional<String> unavailabilityCause() {
        if (cause == null) {
            cause = load();
        }
        return cause;
    }

    private static Optional<String> load() {
        if (!System.getProperty("os.name").equals("Linux") || !System.getProperty("os.arch").equals("amd64")) {
            return Optional.of("CUDA is supported on Linux x86-64 only");
        }
        if (!isInstalled()) {
            return Optional.of("no NVIDIA driver was found (" + FILE + " is on no library path): install the driver of your graphics card");
        }
        try {
            bindJCuda();
            JCudaDriver.setExceptionsEnabled(true);
            JCudaDriver.cuInit(0);
            return Optional.empty();
        } catch (CudaException e) {
            return Optional.of(initialisationCause(e.getMessage()));
        } catch (IOException | LinkageError e) {
            return Optional.of("the NVIDIA driver is there but JCuda cannot be bound to it: " + firstLine(e));
        }
    }

    private static String initialisationCause(String status) {
        return switch (status) {
            case "CUDA_ERROR_NO_DEVICE" -> "the NVIDIA driver sees no CUDA card: check nvidia-smi, and that CUDA_VISIBLE_DEVICES does not hide it";
            case "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH" -> "the NVIDIA kernel module and " + FILE + " differ in version: reboot after a driver update";
            default -> "the NVIDIA driver does not start (" + status + "): check that nvidia-smi works";
        };
    }

    /**
     * Runs JCudaDriver's static initialiser, which unpacks its native library into java.io.tmpdir under a fixed name and trusts a file that is
     * already there: it is shown a folder of our own for that moment.
     */
    private static void bindJCuda() throws IOException {
        Path folder = Files.createTempDirectory("diffusionad-jcuda");
        String shared = System.getProperty("java.io.tmpdir");
        System.setProperty("java.io.tmpdir", folder.toString());
        try {
            Class.forName("jcuda.driver.JCudaDriver");
        } catch (ClassNotFoundException e) {
            throw new NoClassDefFoundError(e.getMessage());
        } finally {
            System.setProperty("java.io.tmpdir", shared);
            removeUnpacked(folder);
        }
    }

    /** A loaded library stays mapped after its file is gone. */
    private static void removeUnpacked(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    private static boolean isInstalled() {
        return folders().stream().anyMatch(folder -> Files.exists(Path.of(folder, FILE))) || loaderCacheNamesIt();
    }

    private static List<String> folders() {
        List<String> folders = new ArrayList<>(USUAL_FOLDERS);
        String configured = System.getenv("LD_LIBRARY_PATH");
        if (configured != null) {
            for (String folder : configured.split(":")) {
                if (!folder.isEmpty()) {
                    folders.add(folder);
                }
            }
        }
        return folders;
    }

    /** The dynamic loader's cache lists every library of the configured folders by file name. */
    private static boolean loaderCacheNamesIt() {
        try {
            return new String(Files.readAllBytes(Path.of("/etc/ld.so.cache")), StandardCharsets.ISO_8859_1).contains(FILE);
        } catch (IOException e) {
            return false; // no cache: the folders above are all there is
        }
    }

    private static String firstLine(Throwable e) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        return message.lines().findFirst().orElse(message);
    }
}
