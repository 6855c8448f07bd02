package io.diffusionad.backend.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds shared libraries without loading them, and binds JCuda's classes to those that are there. */
final class SharedLibraries {
    private static final List<String> USUAL_FOLDERS = List.of(
            "/usr/lib/x86_64-linux-gnu",
            "/lib/x86_64-linux-gnu",
            "/usr/lib64",
            "/lib64",
            "/usr/lib",
            "/usr/lib/wsl/lib",
            "/usr/local/nvidia/lib64",
            "/usr/local/cuda/lib64",
            "/run/opengl-driver/lib");
    /** How a line begins that quotes the loader; then comes the file that was to be loaded, and what is wrong. */
    private static final String LOADER = "java.lang.UnsatisfiedLinkError: ";

    private static final Set<String> LOADED = new HashSet<>();

    private SharedLibraries() {}

    /** Whether the dynamic loader would find a file of this name. */
    static boolean isInstalled(String file) {
        return folders().stream().anyMatch(folder -> Files.exists(Path.of(folder, file))) || loaderCacheNames(file);
    }

    /**
     * Runs the static initialiser of one of JCuda's classes, which unpacks a native library into java.io.tmpdir under a
     * fixed name and trusts a file that is already there: it is shown a folder of our own for that moment.
     *
     * @throws LinkageError when the native library cannot be bound
     * @throws IOException when no folder can take it
     */
    static synchronized void bind(String jcudaClass) throws IOException {
        Path folder = unpackingFolder("diffusionad-jcuda");
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
        Path folder = unpackingFolder("diffusionad-natives");
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

    /**
     * Why a library could not be bound or loaded, in one line: JCuda's messages go on for pages, in which the loader's
     * own word on the unpacked file comes last.
     */
    static String reason(Throwable e) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        return message.lines()
                .filter(line -> line.startsWith(LOADER))
                .reduce((first, last) -> last)
                .map(line -> line.substring(LOADER.length()).replaceFirst("^\\S+: ", ""))
                .orElseGet(() -> message.lines().findFirst().orElse(message));
    }

    /** A new folder for files that are to be loaded: administrators may have forbidden execution in the usual one. */
    private static Path unpackingFolder(String prefix) throws IOException {
        List<String> causes = new ArrayList<>();
        for (Path parent : List.of(
                Path.of(System.getProperty("java.io.tmpdir")),
                Path.of(System.getProperty("user.home")),
                Path.of("/dev/shm"))) {
            try {
                Path folder = Files.createTempDirectory(parent, prefix);
                if (allowsExecution(folder)) {
                    return folder;
                }
                remove(folder);
                causes.add(parent + " does not allow execution");
            } catch (IOException e) {
                causes.add(parent + " cannot be written (" + e.getMessage() + ")");
            }
        }
        throw new IOException("no folder can hold a library: " + String.join(", ", causes)
                + "; name one that allows execution with -Djava.io.tmpdir=FOLDER");
    }

    /** The system denies execution of a file on a file system without it, whatever the file's own permissions. */
    private static boolean allowsExecution(Path folder) throws IOException {
        Path probe = Files.createTempFile(folder, "probe", "");
        Files.setPosixFilePermissions(probe, PosixFilePermissions.fromString("rwx------"));
        boolean allowed = Files.isExecutable(probe);
        Files.delete(probe);
        return allowed;
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
            return new String(Files.readAllBytes(Path.of("/etc/ld.so.cache")), StandardCharsets.ISO_8859_1)
                    .contains(file);
        } catch (IOException e) {
            return false; // no cache: the folders above are all there is
        }
    }
}
