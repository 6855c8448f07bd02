package io.diffusionad.backend.cpu;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/**
 * A folder of the user's that holds the native libraries of this jar, unpacked by this process, an earlier one or one
 * running beside it. It is named after their contents and appears by an atomic rename, so that processes starting
 * together never see half a library. What anybody else could have written is never loaded: the folder and its files
 * must belong to this user or to root, and nobody else may write there. What was damaged since is unpacked again.
 */
final class NativeFolder {
    /** Checksums of the files, written when they are unpacked. */
    private static final String CHECKSUMS = "checksums.properties";

    private static final String UNPACKING = "unpacking-";
    private static final String LINKS = "loading-";
    private static final int ROOT = 0;
    private static final int GROUP_WRITES = 0020;
    private static final int OTHERS_WRITE = 0002;
    private static final int STICKY = 01000;

    private final Path parent;
    private final boolean chosen;
    private final NativeResources resources;

    /**
     * @param parent in which the folder lies; created if it is missing
     * @param chosen whether the user named it, and so decides who may write there
     */
    NativeFolder(Path parent, boolean chosen, NativeResources resources) {
        this.parent = parent;
        this.chosen = chosen;
        this.resources = resources;
    }

    /** The folder with all libraries. @throws IOException with the way out, where it cannot be had or trusted */
    Path unpacked() throws IOException {
        Path trusted = trustedParent();
        Path folder = trusted.resolve("natives-" + resources.fingerprint());
        if (isComplete(folder) && !hasLeftovers(trusted)) {
            return folder;
        }
        if (!Files.isWritable(trusted)) {
            if (isComplete(folder)) {
                return folder;
            }
            throw new IOException(trusted + " may not be written, and holds no undamaged libraries of this version");
        }
        try (FolderLock lock = FolderLock.of(trusted)) {
            deleteLeftovers(trusted); // whoever made them would hold the lock
            if (!isComplete(folder)) {
                unpack(trusted, folder);
            }
        }
        return folder;
    }

    /**
     * Calls a loader with a folder of links to the libraries, which is gone when this returns: the JVM lets only one
     * class loader at a time load a file, by its name, and the system recognises a file that is already loaded, by its
     * number. Where a file system has no links the libraries of our own are copies.
     */
    void withOtherNames(Path folder, Loader loader) throws IOException {
        Path base = Files.isWritable(folder.getParent())
                ? folder.getParent()
                : Path.of(System.getProperty("java.io.tmpdir"));
        try (FolderLock lock = FolderLock.of(base)) {
            Path links = Files.createTempDirectory(base, LINKS);
            try {
                for (String file : NativeResources.FILES) {
                    link(links.resolve(file), folder.resolve(file));
                }
                loader.load(links);
            } finally {
                delete(links);
            }
        }
    }

    /** Loads libraries of a folder. */
    interface Loader {
        void load(Path folder);
    }

    private static void link(Path link, Path file) throws IOException {
        try {
            Files.createLink(link, file);
        } catch (IOException | UnsupportedOperationException | SecurityException e) {
            Files.copy(file, link); // another file system, one without links, or a file of root's
        }
    }

    private Path trustedParent() throws IOException {
        Files.createDirectories(parent);
        Path real = parent.toRealPath();
        requireOwner(real);
        boolean open = othersMayWrite(real) && (mode(real) & STICKY) == 0;
        if (open && chosen) {
            throw new IOException("others may write in " + real + ": chmod go-w it, or name another folder");
        }
        if (open) {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(real);
            permissions.removeAll(Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE));
            Files.setPosixFilePermissions(real, permissions);
        }
        return real;
    }

    /**
     * Whether all libraries are there, trusted and undamaged. @throws IOException where somebody else could have
     * written them
     */
    private boolean isComplete(Path folder) throws IOException {
        Path checksums = folder.resolve(CHECKSUMS);
        if (!Files.isRegularFile(checksums)) {
            return false;
        }
        requireOurs(folder);
        Properties expected = new Properties();
        try (InputStream in = Files.newInputStream(checksums)) {
            expected.load(in);
        }
        for (String file : NativeResources.FILES) {
            Path path = folder.resolve(file);
            if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) || Files.size(path) != resources.size(file)) {
                return false;
            }
            requireOurs(path);
            if (!checksum(path).equals(expected.getProperty(file))) {
                return false;
            }
        }
        return true;
    }

    private static void requireOurs(Path path) throws IOException {
        requireOwner(path);
        if (othersMayWrite(path)) {
            throw new IOException("others may write " + path + ": remove it");
        }
    }

    /** A group of the user's own number is a private one. */
    private static boolean othersMayWrite(Path path) throws IOException {
        int writers = number(path, "unix:gid") == number(path, "unix:uid") ? OTHERS_WRITE : GROUP_WRITES | OTHERS_WRITE;
        return (mode(path) & writers) != 0;
    }

    private static void requireOwner(Path path) throws IOException {
        int owner = number(path, "unix:uid");
        if (owner != ROOT && owner != user()) {
            throw new IOException(path + " belongs to another user (" + Files.getOwner(path, LinkOption.NOFOLLOW_LINKS)
                    + "), whose libraries are not loaded");
        }
    }

    /** The number of the user as whom this process writes files. */
    private static int user() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("Uid:"))
                .findFirst()
                .map(line -> Integer.parseInt(line.split("\\s+")[2]))
                .orElseThrow(() -> new IOException("/proc/self/status names no user"));
    }

    private static int mode(Path path) throws IOException {
        return number(path, "unix:mode");
    }

    private static int number(Path path, String attribute) throws IOException {
        return (Integer) Files.getAttribute(path, attribute, LinkOption.NOFOLLOW_LINKS);
    }

    private void unpack(Path trusted, Path folder) throws IOException {
        Path partial = Files.createTempDirectory(trusted, UNPACKING);
        try {
            Properties checksums = new Properties();
            for (String file : NativeResources.FILES) {
                CRC32C sum = new CRC32C();
                try (InputStream in = resources.open(file);
                        OutputStream out = new CheckedOutputStream(Files.newOutputStream(partial.resolve(file)), sum)) {
                    in.transferTo(out);
                }
                Files.setPosixFilePermissions(
                        partial.resolve(file),
                        Set.of(
                                PosixFilePermission.OWNER_READ,
                                PosixFilePermission.OWNER_WRITE,
                                PosixFilePermission.OWNER_EXECUTE));
                checksums.setProperty(file, Long.toHexString(sum.getValue()));
            }
            try (OutputStream out = Files.newOutputStream(partial.resolve(CHECKSUMS))) {
                checksums.store(out, "CRC-32C of the libraries as they were unpacked");
            }
            rename(partial, folder);
        } finally {
            delete(partial);
        }
    }

    private static void rename(Path partial, Path folder) throws IOException {
        try {
            Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            if (!Files.exists(folder)) {
                throw e;
            }
            replace(partial, folder); // a damaged copy is in the way
        }
    }

    /** File by file, each in one step: a process that has a damaged one mapped keeps it. */
    private static void replace(Path partial, Path folder) throws IOException {
        requireOurs(folder);
        List<Path> files;
        try (var entries = Files.list(partial)) {
            files = entries.toList();
        }
        for (Path file : files) {
            Files.move(
                    file,
                    folder.resolve(file.getFileName()),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static String checksum(Path file) throws IOException {
        CRC32C sum = new CRC32C();
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer chunk = ByteBuffer.allocateDirect(1 << 20);
            while (channel.read(chunk) >= 0) {
                sum.update(chunk.flip());
                chunk.clear();
            }
        }
        return Long.toHexString(sum.getValue());
    }

    private static boolean hasLeftovers(Path folder) throws IOException {
        return !leftovers(folder).isEmpty();
    }

    private static List<Path> leftovers(Path folder) throws IOException {
        try (var entries = Files.list(folder)) {
            return entries.filter(
                            entry -> entry.getFileName().toString().matches("(" + UNPACKING + "|" + LINKS + ").*"))
                    .toList();
        }
    }

    /** Of starts that were killed. */
    private static void deleteLeftovers(Path folder) throws IOException {
        leftovers(folder).forEach(NativeFolder::delete);
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
            System.getLogger(NativeFolder.class.getName())
                    .log(System.Logger.Level.WARNING, "cannot delete " + folder + ": " + e);
        }
    }
}
