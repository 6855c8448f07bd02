package io.diffusionad.backend.cpu;

import io.diffusionad.device.DeviceUnavailableException;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
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
        String fingerprint;
        try {
            fingerprint = fingerprint();
        } catch (IOException e) {
            return "the jar's native libraries cannot be read (" + e.getMessage() + "): build or download it again";
        }
        List<String> causes = new ArrayList<>();
        for (Path parent : candidates()) {
            try {
                Path folder = unpack(parent, fingerprint);
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
    private static Path unpack(Path parent, String fingerprint) throws IOException {
        Path folder = parent.resolve("natives-" + fingerprint);
        if (isComplete(folder)) {
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
            rename(partial, folder);
        } finally {
            delete(partial);
        }
        return folder;
    }

    private static void rename(Path partial, Path folder) throws IOException {
        try {
            Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            if (!Files.exists(folder)) {
                throw e;
            }
            takePlace(partial, folder);
        }
    }

    /** Another process was first, which is as good, or a damaged copy is in the way, whose files are replaced one by one. */
    private static void takePlace(Path partial, Path folder) throws IOException {
        if (isComplete(folder)) {
            return;
        }
        for (String file : FILES) {
            Files.move(partial.resolve(file), folder.resolve(file), StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static boolean isComplete(Path folder) throws IOException {
        for (String file : FILES) {
            Path path = folder.resolve(file);
            if (!Files.isRegularFile(path) || Files.size(path) != size(file)) {
                return false;
            }
        }
        return true;
    }

    /** Names the contents: sizes of all, and every byte of our own library, the one that changes from build to build. */
    private static String fingerprint() throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String file : FILES) {
                digest.update((file + size(file) + ";").getBytes(StandardCharsets.UTF_8));
            }
            try (InputStream in = open(FILES.get(FILES.size() - 1))) {
                digest.update(in.readAllBytes());
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    private static long size(String file) throws IOException {
        URL url = CpuLibrary.class.getResource(resource(file));
        if (url == null) {
            throw new IOException("no " + file + " for " + PLATFORM);
        }
        URLConnection connection = url.openConnection();
        connection.setUseCaches(false);
        try (InputStream in = connection.getInputStream()) {
            return connection.getContentLengthLong();
        }
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
