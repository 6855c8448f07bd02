package io.diffusionad.app.fetch;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Closes a stream that has sent nothing for too long: a reader of {@code HttpClient}'s body would wait for ever. */
final class StallGuard implements AutoCloseable {
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "download-guard");
        thread.setDaemon(true);
        return thread;
    });
    private final long patienceNanos;
    private volatile long last = System.nanoTime();
    private volatile boolean stalled;

    StallGuard(InputStream stream, Duration patience) {
        patienceNanos = patience.toNanos();
        long period = Math.max(1, patience.toMillis() / 4);
        timer.scheduleWithFixedDelay(() -> look(stream), period, period, TimeUnit.MILLISECONDS);
    }

    private void look(InputStream stream) {
        if (System.nanoTime() - last > patienceNanos) {
            stalled = true;
            timer.shutdown();
            try {
                stream.close();
            } catch (IOException e) {
                // the reader sees the same
            }
        }
    }

    void progressed() {
        last = System.nanoTime();
    }

    /** @throws IOException when the stream ended because this guard closed it */
    void check() throws IOException {
        if (stalled) {
            throw new IOException("nothing came for " + TimeUnit.NANOSECONDS.toSeconds(patienceNanos) + " s");
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
