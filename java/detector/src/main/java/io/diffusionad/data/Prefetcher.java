package io.diffusionad.data;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Prepares the samples of a {@link SampleSource} on worker threads ahead of the consumer and hands them over in index
 * order, whatever order the workers finish in. A failure of {@code sample(i)} reaches the consumer when it asks for
 * sample i. To be used by one consumer thread; {@link #close} may come from any.
 */
public final class Prefetcher implements AutoCloseable {
    private final SampleSource source;
    private final ExecutorService workers;
    private final Deque<Future<TrainingSample>> pending = new ArrayDeque<>();
    private final int ahead;
    private long nextIndex;

    /**
     * @param firstIndex the first sample handed out
     * @param threads workers, at least 1; daemon threads of lowered priority, so that they fill the gaps the trainer
     *     leaves
     * @param ahead samples kept ready or in work, at least 1; this bounds the memory
     */
    public Prefetcher(SampleSource source, long firstIndex, int threads, int ahead) {
        if (threads < 1 || ahead < 1 || firstIndex < 0) {
            throw new IllegalArgumentException("prefetching needs threads, ahead >= 1 and firstIndex >= 0: " + threads
                    + ", " + ahead + ", " + firstIndex);
        }
        this.source = source;
        this.ahead = ahead;
        this.nextIndex = firstIndex;
        AtomicInteger number = new AtomicInteger();
        this.workers = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "prefetch-" + number.incrementAndGet());
            thread.setDaemon(true);
            thread.setPriority(Thread.NORM_PRIORITY - 1);
            return thread;
        });
        while (pending.size() < ahead) {
            submit();
        }
    }

    private void submit() {
        long index = nextIndex++;
        pending.addLast(workers.submit(() -> source.sample(index)));
    }

    /** The next sample in order; waits for it if it is not ready. */
    public TrainingSample next() {
        if (workers.isShutdown()) {
            throw new IllegalStateException("the prefetcher is closed");
        }
        Future<TrainingSample> first = pending.removeFirst();
        submit();
        try {
            return first.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting for a training sample");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error failure) {
                throw failure;
            }
            throw new IllegalStateException("preparing a training sample failed", e.getCause());
        }
    }

    /** The next {@code count} samples in order. */
    public List<TrainingSample> next(int count) {
        List<TrainingSample> batch = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            batch.add(next());
        }
        return batch;
    }

    /**
     * Drops what was prepared and stops the workers; waits up to ten seconds for those in the middle of a sample.
     * Repeated calls do nothing.
     */
    @Override
    public void close() {
        workers.shutdownNow();
        try {
            workers.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
