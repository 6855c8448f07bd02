package io.diffusionad.backend.cpu;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/**
 * The right to write in a folder, of one process and one class loader at a time. The system gives it back when its
 * holder is killed.
 */
final class FolderLock implements AutoCloseable {
    private static final String FILE = "lock";
    private static final long MOST_SECONDS = 60;
    private static final long MILLISECONDS_BETWEEN = 20;

    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Waits for it. @throws IOException where another holds it for a minute, or the file system has no locks */
    static FolderLock of(Path folder) throws IOException {
        Path file = folder.resolve(
                System.getProperty("user.name", "user").replaceAll("[^A-Za-z0-9_.-]", "_") + "-natives." + FILE);
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        try {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(MOST_SECONDS);
            while (tryLock(channel) == null) {
                if (System.nanoTime() > end) {
                    throw new IOException(
                            "another process holds " + file + " for a minute: end it, or remove the file");
                }
                TimeUnit.MILLISECONDS.sleep(MILLISECONDS_BETWEEN);
            }
            return new FolderLock(channel);
        } catch (InterruptedException e) {
            channel.close();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + file, e);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Null while another has it. */
    private static FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // of this process: another class loader's
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
