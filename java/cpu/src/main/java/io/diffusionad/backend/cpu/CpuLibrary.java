package io.diffusionad.backend.cpu;

import io.diffusionad.device.DeviceUnavailableException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Loads the CPU backend's native libraries from the jar, once a class loader.
 *
 * <p>They are unpacked into a {@link NativeFolder} in the user's cache, and found there the next time: unpacking 90 MB
 * costs more than the rest of the start. A folder on a file system mounted {@code noexec}, or one that somebody else
 * may write, fails; then the next candidate is tried, and if all fail the error tells the cause for each.
 *
 * <p>All class loaders of a process share one copy of the code, which stays in memory when a class loader goes, because
 * threads that it started may wait in it.
 */
final class CpuLibrary {
    /** Where to unpack, instead of the user's cache. */
    static final String FOLDER_PROPERTY = "diffusionad.natives";
    /** How a JVM refuses a file that a class loader has loaded which is alive. */
    private static final String OTHER_LOADER = "already loaded in another classloader";

    private static boolean loaded;
    private static String failure;

    private CpuLibrary() {}

    /** @throws DeviceUnavailableException with every cause */
    static synchronized void load() {
        if (loaded) {
            return;
        }
        if (failure == null) {
            failure = tryToLoad();
        }
        if (failure != null) {
            throw new DeviceUnavailableException(failure);
        }
        loaded = true;
    }

    /** Null on success, else why not. */
    private static String tryToLoad() {
        String platform = System.getProperty("os.name").toLowerCase(Locale.ROOT) + "-" + System.getProperty("os.arch");
        if (!platform.equals("linux-amd64") && !platform.equals("linux-x86_64")) {
            return "the CPU backend is built for " + NativeResources.PLATFORM + ", not for " + platform
                    + ": run it on 64-bit x86 Linux";
        }
        NativeResources resources;
        try {
            resources = new NativeResources();
        } catch (IOException e) {
            return "the jar's native libraries cannot be read (" + e.getMessage() + "): build or download it again";
        }
        List<String> causes = new ArrayList<>();
        for (Path parent : candidates()) {
            try {
                load(new NativeFolder(parent, System.getProperty(FOLDER_PROPERTY) != null, resources));
                return null;
            } catch (IOException | UncheckedIOException | UnsatisfiedLinkError | SecurityException e) {
                causes.add(parent + ": " + e);
            }
        }
        return "the CPU backend's native libraries could not be loaded; name a writable folder that allows execution with -D"
                + FOLDER_PROPERTY + "=FOLDER. Tried " + String.join("; ", causes);
    }

    private static void load(NativeFolder natives) throws IOException {
        Path folder = natives.unpacked();
        try {
            loadFrom(folder);
        } catch (UnsatisfiedLinkError e) {
            if (!String.valueOf(e.getMessage()).contains(OTHER_LOADER)) {
                throw e;
            }
            natives.withOtherNames(folder, CpuLibrary::loadFrom);
        }
    }

    /** The system's loader finds oneDNN, which our library needs, beside it. */
    private static void loadFrom(Path folder) {
        System.load(folder.resolve(NativeResources.OPENMP).toString());
        OpenMpRuntime.load(folder.resolve(NativeResources.LIBGOMP));
        System.load(folder.resolve(NativeResources.BACKEND).toString());
    }

    private static Set<Path> candidates() {
        Set<Path> folders = new LinkedHashSet<>();
        String chosen = System.getProperty(FOLDER_PROPERTY);
        if (chosen != null) {
            folders.add(Path.of(chosen).toAbsolutePath());
            return folders;
        }
        String cache = System.getenv("XDG_CACHE_HOME");
        String home = System.getProperty("user.home");
        if (cache != null && !cache.isBlank()) {
            folders.add(Path.of(cache, "diffusionad").toAbsolutePath());
        }
        if (home != null && !home.isBlank()) {
            folders.add(Path.of(home, ".cache", "diffusionad").toAbsolutePath());
        }
        String user = System.getProperty("user.name", "user").replaceAll("[^A-Za-z0-9_.-]", "_");
        folders.add(Path.of(System.getProperty("java.io.tmpdir"), "diffusionad-" + user)
                .toAbsolutePath());
        folders.add(Path.of("/dev/shm", "diffusionad-" + user));
        return folders;
    }
}
