package io.diffusionad.metrics;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Counts how many pixels of many images have exactly each of some scores, and how many lie between them: exact, in
 * memory that depends on the number of scores asked for and not on the pixels.
 */
final class ScoreCounter {
    private static final int TABLE_BITS = 16;
    private static final long DRAIN_AT = 1L << 30;

    private final int[] keys;
    private final int size;
    private final int first;
    private final int last;
    private final int shift;
    private final int[] table;
    private final long[] at;
    private final long[] above;

    /** @param keys distinct, ascending; the first {@code size} count, at least one */
    ScoreCounter(int[] keys, int size) {
        this.keys = keys;
        this.size = size;
        this.first = keys[0];
        this.last = keys[size - 1];
        this.at = new long[size];
        this.above = new long[size];
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(last - first);
        this.shift = Math.max(0, bits - TABLE_BITS);
        this.table = new int[((last - first) >>> shift) + 2];
        int position = 0;
        for (int bucket = 0; bucket < table.length; bucket++) {
            while (position < size && (keys[position] - first) >>> shift < bucket) {
                position++;
            }
            table[bucket] = position;
        }
    }

    /**
     * Counts the pixels of images.
     *
     * @param images numbers of the source
     * @param bound scores with this key or more are left out; {@link Long#MAX_VALUE} for none
     */
    void count(ScoreMapSource source, int[] images, long bound) {
        int threads = Math.max(
                1, Math.min(images.length, Math.min(4, Runtime.getRuntime().availableProcessors())));
        AtomicInteger next = new AtomicInteger();
        IntStream.range(0, threads).parallel().forEach(thread -> {
            Share share = new Share();
            for (int i = next.getAndIncrement(); i < images.length; i = next.getAndIncrement()) {
                source.forEachPiece(images[i], (scores, length, offset) -> share.count(scores, length, bound));
            }
            share.drain();
        });
    }

    /** Pixels with exactly score number {@code index}. */
    long at(int index) {
        return at[index];
    }

    /** Pixels above score number {@code index} and below the next higher one, or below the bound. */
    long above(int index) {
        return above[index];
    }

    /** One thread's counts, in half the memory of the totals. */
    private final class Share {
        private final int[] equal = new int[size];
        private final int[] higher = new int[size];
        private long counted;

        void count(float[] scores, int length, long bound) {
            for (int i = 0; i < length; i++) {
                int key = ScoreKey.of(scores[i]);
                if (key >= first && key < bound) {
                    int floor = key >= last ? size - 1 : floor(key);
                    if (keys[floor] == key) {
                        equal[floor]++;
                    } else {
                        higher[floor]++;
                    }
                }
            }
            counted += length;
            if (counted >= DRAIN_AT) {
                drain();
            }
        }

        void drain() {
            synchronized (ScoreCounter.this) {
                for (int i = 0; i < size; i++) {
                    at[i] += equal[i];
                    above[i] += higher[i];
                }
            }
            Arrays.fill(equal, 0);
            Arrays.fill(higher, 0);
            counted = 0;
        }
    }

    /** The largest position whose key is not above {@code key}, which lies from the first to below the last. */
    private int floor(int key) {
        int bucket = (key - first) >>> shift;
        int low = table[bucket] - 1;
        int high = table[bucket + 1];
        // keys[low] is below the bucket (or low is -1) and keys[high] above it (or high is size).
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (keys[middle] <= key) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
