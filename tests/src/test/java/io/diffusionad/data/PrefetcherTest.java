package io.diffusionad.data;

import io.diffusionad.error.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

@Timeout(60)
class PrefetcherTest {
    private static TrainingSample sample(long index) {
        return new TrainingSample(1, 1, new float[] {index, 0, 0}, new float[1], false);
    }

    @Test
    void samplesArriveInOrderWhateverTheWorkersDo() {
        SampleSource uneven = index -> {
            Thread.yield();
            if (index % 3 == 0) {
                sleep(3);
            }
            return sample(index);
        };
        try (Prefetcher prefetcher = new Prefetcher(uneven, 100, 4, 7)) {
            for (int i = 100; i < 130; i++) {
                assertEquals(i, prefetcher.next().image()[0]);
            }
            List<TrainingSample> batch = prefetcher.next(3);
            assertEquals(132, batch.get(2).image()[0]);
        }
    }

    @Test
    void workersRunAheadButNoFarther() throws InterruptedException {
        AtomicInteger made = new AtomicInteger();
        CountDownLatch full = new CountDownLatch(5);
        try (Prefetcher prefetcher = new Prefetcher(
                index -> {
                    made.incrementAndGet();
                    full.countDown();
                    return sample(index);
                },
                0,
                2,
                5)) {
            assertTrue(full.await(20, TimeUnit.SECONDS), "five samples are made before one is asked for");
            sleep(50);
            assertEquals(5, made.get());
            prefetcher.next();
        }
    }

    @Test
    void aFailureReachesTheConsumerAtItsSample() {
        InvalidInputException failure = new InvalidInputException("image x.png is damaged");
        try (Prefetcher prefetcher = new Prefetcher(
                index -> {
                    if (index == 2) {
                        throw failure;
                    }
                    return sample(index);
                },
                0,
                2,
                4)) {
            prefetcher.next(2);
            assertSame(failure, assertThrows(InvalidInputException.class, prefetcher::next));
            assertEquals(3, prefetcher.next().image()[0]);
        }
    }

    @Test
    void errorsOfWorkersAreNotSwallowed() {
        try (Prefetcher prefetcher = new Prefetcher(
                index -> {
                    throw new OutOfMemoryError("planted");
                },
                0,
                1,
                1)) {
            assertEquals(
                    "planted",
                    assertThrows(OutOfMemoryError.class, prefetcher::next).getMessage());
        }
    }

    @Test
    void closingStopsTheWorkers() {
        AtomicLong last = new AtomicLong();
        Prefetcher prefetcher = new Prefetcher(
                index -> {
                    sleep(5);
                    last.set(System.nanoTime());
                    return sample(index);
                },
                0,
                2,
                50);
        prefetcher.next();
        prefetcher.close();
        long closed = System.nanoTime();
        prefetcher.close();
        sleep(60);
        assertTrue(last.get() <= closed, "no sample is made after close");
        assertThrows(IllegalStateException.class, prefetcher::next);
        assertFalse(Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().startsWith("prefetch-") && thread.isAlive()));
    }

    @Test
    void impossibleSettingsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Prefetcher(PrefetcherTest::sample, 0, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> new Prefetcher(PrefetcherTest::sample, 0, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new Prefetcher(PrefetcherTest::sample, -1, 1, 1));
    }

    private static void sleep(int milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
