package io.diffusionad.backend.cpu;

import io.diffusionad.device.DeviceUnavailableException;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;

/**
 * Loads the CPU backend's native libraries from the jar, once a process.
 *
 * <p>They are unpacked into a folder named after their contents, in the user's cache, and found there the next time: unpacking 90 MB costs more than
 * the rest of the start. The folder appears by an atomic rename, so that processes starting together never see half a library.
 * A folder on a file system mounted {@code noexec} fails only when the library is loaded from it; then the next candidate is tried, and if all fail
 * the error tells the cause for each.
 */
final class CpuLibrary {
    /** Where to unpack, instead of the user's cache. */
    static final String FOLDER_PROPERTY = "diffusionad.natives";
    private static final String PLATFORM = "linux-x86_64";
    /** In the order of loading: each needs those before it. */
    private static final List<String> FILES = List.of("libgomp.so.1", "libdnnl.so.3", "libdiffusionad_cpu.so");
    /** Written by the build: the size of every file, and a fingerprint of the contents of all. */
    private static final String LIST = "libraries.properties";

    private static boolean loaded;
    private static String failure;

    private CpuLibrary() { }

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
            return "the CPU backend is built for " + PLATFORM + ", not for " + platform + ": run it on 64-bit x86 Linux";
        }
        Properties list;
        try {
            list = list();
        } catch (IOException e) {
            return "the jar's native libraries cannot be read (" + e.getMessage() + "): build or download it again";
        }
        List<String> causes = new ArrayList<>();
        for (Path parent : candidates()) {
            try {
                Path folder = unpack(parent, list);
                FILES.forEach(file -> System.load(folder.resolve(file).toString()));
                return null;
            } catch (IOException | UncheckedIOException | UnsatisfiedLinkError | SecurityException e) {
                causes.add(parent + ": " + e);
            }
        }
        return "the CPU backend's native libraries could not be loaded; name a writable folder that allows execution with -D" + FOLDER_PROPERTY
                + "=FOLDER. Tried " + String.join("; ", causes);
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
        folders.add(Path.of(System.getProperty("java.io.tmpdir"), "diffusionad-" + user).toAbsolutePath());
        folders.add(Path.of("/dev/shm", "diffusionad-" + user));
        return folders;
    }

    /** The folder with the libraries, unpacked by this process, an earlier one or one running beside it. */
    private static Path unpack(Path parent, Properties list) throws IOException {
        Path folder = parent.resolve("natives-" + list.getProperty("fingerprint"));
        if (isComplete(folder, list)) {
            return folder;
        }
        Files.createDirectories(parent);
        Path partial = Files.createTempDirectory(parent, "unpacking-");
        try {
            for (String file : FILES) {
                try (InputStream in = open(file)) {
                    Files.copy(in, partial.resolve(file));
                }
            }
            rename(partial, folder, list);
        } finally {
            delete(partial);
        }
        return folder;
    }

    private static void rename(Path partial, Path folder, Properties list) throws IOException {
        try {
            Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            if (!Files.exists(folder)) {
                throw e;
            }
            takePlace(partial, folder, list);
        }
    }

    /** Another process was first, which is as good, or a damaged copy is in the way, whose files are replaced one by one. */
    private static void takePlace(Path partial, Path folder, Properties list) throws IOException {
        if (isComplete(folder, list)) {
            return;
        }
        for (String file : FILES) {
            Files.move(partial.resolve(file), folder.resolve(file), StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static boolean isComplete(Path folder, Properties list) throws IOException {
        for (String file : FILES) {
            Path path = folder.resolve(file);
            if (!Files.isRegularFile(path) || Files.size(path) != Long.parseLong(list.getProperty(file))) {
                return false;
            }
        }
        return true;
    }

    private static Properties list() throws IOException {
        Properties list = new Properties();
        try (InputStream in = open(LIST)) {
            list.load(in);
        }
        return list;
    }

    private static InputStream open(String file) throws IOException {
        InputStream in = CpuLibrary.class.getResourceAsStream(resource(file));
        if (in == null) {
            throw new IOException("no " + file + " for " + PLATFORM);
        }
        return in;
    }

    private static String resource(String file) {
        return "/natives/" + PLATFORM + "/" + file;
    }

    private static void delete(Path folder) {
        try (var entries = Files.list(folder)) {
            for (Path entry : entries.toList()) {
                Files.deleteIfExists(entry);
            }
            Files.deleteIfExists(folder);
        } catch (NoSuchFileException e) {
            // renamed away: nothing is left to delete
        } catch (IOException e) {
            System.getLogger(CpuLibrary.class.getName()).log(System.Logger.Level.WARNING, "cannot delete " + folder + ": " + e);
        }
    }
}
