package io.diffusionad.checkpoint;

import io.diffusionad.io.SafeTensorsReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Verifies a file's checksum on a thread of its own while the caller reads tensors from it, which takes as long. */
final class BackgroundChecksum {
    /** What reads tensors. */
    @FunctionalInterface
    interface Reading {
        void run() throws IOException;
    }

    private BackgroundChecksum() { }

    /**
     * Runs {@code reading} and returns when it is done and the checksum was found right. Where the checksum is wrong, that is the error, whatever
     * reading made of the damage.
     *
     * @throws io.diffusionad.io.InvalidFileException as {@link SafeTensorsReader#verifyChecksum} does
     */
    static void verifyWhile(SafeTensorsReader reader, Reading reading) throws IOException {
        FutureTask<Void> checksum = new FutureTask<>(() -> {
            reader.verifyChecksum();
            return null;
        });
        Thread thread = new Thread(checksum, "checksum of " + reader.file().getFileName());
        thread.setDaemon(true);
        thread.start();
        try {
            reading.run();
        } catch (IOException | RuntimeException e) {
            await(checksum);
            throw e;
        }
        await(checksum);
    }

    private static void await(FutureTask<Void> checksum) throws IOException {
        try {
            checksum.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the checksum was computed");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IllegalStateException("the checksum could not be computed", e.getCause());
        }
    }
}
