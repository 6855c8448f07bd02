package io.diffusionad.backend.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds shared libraries without loading them, and binds JCuda's classes to those that are there. */
final class SharedLibraries {
    private static final List<String> USUAL_FOLDERS = List.of("/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64",
            "/usr/lib", "/usr/lib/wsl/lib", "/usr/local/nvidia/lib64", "/usr/local/cuda/lib64", "/run/opengl-driver/lib");
    private static final Set<String> LOADED = new HashSet<>();

    private SharedLibraries() { }

    /** Whether the dynamic loader would find a file of this name. */
    static boolean isInstalled(String file) {
        return folders().stream().anyMatch(folder -> Files.exists(Path.of(folder, file))) || loaderCacheNames(file);
    }

    /**
     * Runs the static initialiser of one of JCuda's classes, which unpacks a native library into java.io.tmpdir under a fixed name and trusts a file
     * that is already there: it is shown a folder of our own for that moment.
     *
     * @throws LinkageError when the native library cannot be bound
     */
    static synchronized void bind(String jcudaClass) throws IOException {
        Path folder = Files.createTempDirectory("diffusionad-jcuda");
        String shared = System.getProperty("java.io.tmpdir");
        System.setProperty("java.io.tmpdir", folder.toString());
        try {
            Class.forName(jcudaClass);
        } catch (ClassNotFoundException e) {
            throw new NoClassDefFoundError(e.getMessage());
        } finally {
            System.setProperty("java.io.tmpdir", shared);
            remove(folder);
        }
    }

    /**
     * Loads a native library of ours from the jar, once a process.
     *
     * @throws LinkageError when it cannot be loaded
     */
    static synchronized void loadPacked(String file) throws IOException {
        if (LOADED.contains(file)) {
            return;
        }
        Path folder = Files.createTempDirectory("diffusionad-natives");
        try (InputStream in = SharedLibraries.class.getResourceAsStream("/natives/linux-x86_64/" + file)) {
            if (in == null) {
                throw new IOException("the jar holds no " + file);
            }
            Path unpacked = folder.resolve(file);
            Files.copy(in, unpacked);
            System.load(unpacked.toString());
            LOADED.add(file);
        } finally {
            remove(folder);
        }
    }

    /** A loaded library stays mapped after its file is gone. */
    private static void remove(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
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
    private static boolean loaderCacheNames(String file) {
        try {
            return new String(Files.readAllBytes(Path.of("/etc/ld.so.cache")), StandardCharsets.ISO_8859_1).contains(file);
        } catch (IOException e) {
            return false; // no cache: the folders above are all there is
        }
    }
}
