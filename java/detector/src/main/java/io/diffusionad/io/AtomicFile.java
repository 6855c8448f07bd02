package io.diffusionad.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Replaces a file whole or not at all: the contents go to a temporary file in the same folder, which is synced and then
 * renamed over the target; syncing the folder makes the rename itself durable. A process killed at any moment leaves
 * the old file or the new one, and at worst a {@code .NAME.<pid>-<n>.partial} beside it, which the next write of the
 * same target removes.
 */
public final class AtomicFile {
    private static final String SUFFIX = ".partial";
    private static final AtomicLong COUNTER = new AtomicLong();

    private AtomicFile() {}

    /** Whether a file name is one that a killed process may have left. */
    public static boolean isPartial(String name) {
        return name.startsWith(".") && name.endsWith(SUFFIX);
    }

    /** Writes the contents from position 0 of an empty file that can be read and written. */
    @FunctionalInterface
    public interface Contents {
        void writeTo(FileChannel channel) throws IOException;
    }

    /**
     * @throws IOException naming the target when the folder cannot be written or the contents fail; the target is
     *     untouched then
     */
    public static void write(Path target, Contents contents) throws IOException {
        Path absolute = target.toAbsolutePath();
        Path folder = absolute.getParent();
        String prefix = "." + absolute.getFileName() + ".";
        requireFolder(folder);
        removeLeftovers(folder, prefix);
        Path temporary =
                folder.resolve(prefix + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet() + SUFFIX);
        replace(target, temporary, contents, true);
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    /**
     * For results that a program run again makes again, such as pictures: whole or absent after the process was killed,
     * but not synced, so a machine that loses its power may lose them. A leftover is {@code .NAME.partial}; the next
     * write of the same target replaces it.
     *
     * @throws IOException naming the target when it cannot be written; it is untouched then
     */
    public static void writeQuickly(Path target, byte[] contents) throws IOException {
        Path absolute = target.toAbsolutePath();
        requireFolder(absolute.getParent());
        replace(
                target,
                absolute.resolveSibling("." + absolute.getFileName() + SUFFIX),
                channel -> {
                    ByteBuffer buffer = ByteBuffer.wrap(contents);
                    while (buffer.hasRemaining()) {
                        channel.write(buffer);
                    }
                },
                false);
    }

    private static void replace(Path target, Path temporary, Contents contents, boolean durable) throws IOException {
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    durable ? StandardOpenOption.CREATE_NEW : StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE)) {
                channel.truncate(0);
                contents.writeTo(channel);
                if (durable) {
                    channel.force(true);
                }
            }
            Files.move(
                    temporary,
                    target.toAbsolutePath(),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            delete(temporary, e);
            throw FileProblem.naming(target, e);
        } catch (RuntimeException | Error e) {
            delete(temporary, e);
            throw e;
        }
    }

    private static void delete(Path temporary, Throwable failure) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private static void requireFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new NoSuchFileException(folder.toString());
        }
    }

    /** Partial files of processes that no longer run; those of a living one may be in the making. */
    private static void removeLeftovers(Path folder, String prefix) throws IOException {
        try (DirectoryStream<Path> partials = Files.newDirectoryStream(
                folder,
                path -> path.getFileName().toString().startsWith(prefix)
                        && path.getFileName().toString().endsWith(SUFFIX))) {
            for (Path partial : partials) {
                String name = partial.getFileName().toString();
                String owner = name.substring(prefix.length(), name.length() - SUFFIX.length());
                if (owner.matches("\\d{1,18}-\\d+")
                        && ProcessHandle.of(Long.parseLong(owner.substring(0, owner.indexOf('-'))))
                                .isEmpty()) {
                    Files.deleteIfExists(partial);
                }
            }
        }
    }
}
