package io.diffusionad.random;

import java.util.random.RandomGenerator;

/**
 * A sequential generator over one (seed, purpose, sample) stream of {@link Philox}, for code that draws an open-ended
 * count. Not thread-safe.
 */
public final class PhiloxRandom implements RandomGenerator {
    private final long seed;
    private final int purpose;
    private final long sample;
    private final int[] words = new int[4];
    private int block;
    private int next = 4;

    public PhiloxRandom(long seed, Purpose purpose, long sample) {
        this.seed = seed;
        this.purpose = purpose.code();
        this.sample = sample;
    }

    @Override
    public int nextInt() {
        if (next == 4) {
            Philox.block(words, seed, purpose, sample, block++);
            next = 0;
        }
        return words[next++];
    }

    @Override
    public long nextLong() {
        return ((long) nextInt() << 32) | (nextInt() & 0xFFFFFFFFL);
    }
}
