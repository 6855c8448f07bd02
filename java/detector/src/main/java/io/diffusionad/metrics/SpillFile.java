package io.diffusionad.metrics;

import io.diffusionad.error.InvalidInputException;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * A temporary file that nothing outlives: its name is taken from the folder as soon as it is open, so that the system
 * frees it however the process ends. Where a system keeps the names of open files, it goes with {@link #close} or with
 * the JVM. The first bytes stay in memory, so that small test sets need no disk. Appending is for one thread, reading
 * for any.
 */
final class SpillFile implements AutoCloseable {
    private static final int IN_MEMORY = 8 << 20;

    private final Path folder;
    private byte[] head = new byte[1 << 12];
    private int headSize;
    private FileChannel channel;
    private Path stillNamed;
    private long size;

    /** @param folder must exist; nothing is made before the first append */
    SpillFile(Path folder) {
        this.folder = folder;
    }

    /**
     * Writes the bytes between position and limit.
     *
     * @return where they begin
     * @throws InvalidInputException when the folder cannot be written or its disk is full
     */
    long append(ByteBuffer bytes) {
        long start = size;
        if (channel == null && size + bytes.remaining() <= IN_MEMORY) {
            keep(bytes);
            return start;
        }
        try {
            if (channel == null) {
                open();
            }
            while (bytes.hasRemaining()) {
                size += channel.write(bytes, size);
            }
        } catch (IOException e) {
            throw new InvalidInputException(
                    "the temporary file of score maps in " + folder + " cannot be written after " + (size >> 20)
                            + " MiB (" + e.getMessage()
                            + "): free space on that disk, or choose an output folder on another",
                    e);
        }
        return start;
    }

    private void keep(ByteBuffer bytes) {
        int needed = headSize + bytes.remaining();
        if (needed > head.length) {
            head = Arrays.copyOf(head, Math.min(IN_MEMORY, Math.max(needed, 2 * head.length)));
        }
        bytes.get(head, headSize, bytes.remaining());
        headSize = needed;
        size = needed;
    }

    private void open() throws IOException {
        Path file = Files.createTempFile(folder, ".scores-", ".tmp");
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } finally {
            try {
                Files.delete(file);
            } catch (IOException e) {
                stillNamed = file;
                file.toFile().deleteOnExit();
            }
        }
    }

    /** Fills the buffer from a position on. */
    void read(ByteBuffer bytes, long position) {
        try {
            long at = position;
            if (at < headSize) {
                int length = (int) Math.min(bytes.remaining(), headSize - at);
                bytes.put(head, (int) at, length);
                at += length;
            }
            while (bytes.hasRemaining()) {
                int read = channel.read(bytes, at);
                if (read < 0) {
                    throw new EOFException("the temporary file of score maps ends at " + at);
                }
                at += read;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read back the temporary file of score maps in " + folder, e);
        }
    }

    @Override
    public void close() {
        try {
            if (channel != null) {
                channel.close();
            }
            if (stillNamed != null) {
                Files.deleteIfExists(stillNamed);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
