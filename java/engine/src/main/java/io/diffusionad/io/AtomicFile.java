package io.diffusionad.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Replaces a file whole or not at all: the contents go to a temporary file in the same folder, which is synced and then renamed over the
 * target; syncing the folder makes the rename itself durable. A process killed at any moment leaves the old file or the new one, and at worst a
 * {@code .NAME.<pid>-<n>.partial} beside it, which the next write of the same target removes.
 */
public final class AtomicFile {
    private static final String SUFFIX = ".partial";
    private static final AtomicLong COUNTER = new AtomicLong();

    private AtomicFile() { }

    /** Writes the contents from position 0 of an empty file that can be read and written. */
    @FunctionalInterface
    public interface Contents {
        void writeTo(FileChannel channel) throws IOException;
    }

    /** @throws IOException when the folder cannot be written or the contents fail; the target is untouched then */
    public static void write(Path target, Contents contents) throws IOException {
        Path absolute = target.toAbsolutePath();
        Path folder = absolute.getParent();
        String prefix = "." + absolute.getFileName() + ".";
        removeLeftovers(folder, prefix);
        Path temporary = folder.resolve(prefix + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet() + SUFFIX);
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                contents.writeTo(channel);
                channel.force(true);
            }
            Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | RuntimeException | Error e) {
            Files.deleteIfExists(temporary);
            throw e;
        }
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    /** Partial files of processes that no longer run; those of a living one may be in the making. */
    private static void removeLeftovers(Path folder, String prefix) throws IOException {
        try (DirectoryStream<Path> partials = Files.newDirectoryStream(folder,
                path -> path.getFileName().toString().startsWith(prefix) && path.getFileName().toString().endsWith(SUFFIX))) {
            for (Path partial : partials) {
                String name = partial.getFileName().toString();
                String owner = name.substring(prefix.length(), name.length() - SUFFIX.length());
                if (owner.matches("\\d{1,18}-\\d+") && ProcessHandle.of(Long.parseLong(owner.substring(0, owner.indexOf('-')))).isEmpty()) {
                    Files.deleteIfExists(partial);
                }
            }
        }
    }
}
