package io.diffusionad.random;

import java.util.random.RandomGenerator;

/**
 * Draws that consume exactly one 32-bit word each (two for {@link #uniform}), so that a stream means the same on every
 * Java version: the default methods of {@link RandomGenerator} are free to change how many words they take.
 */
public final class Draw {
    private Draw() {}

    /** Uniform in [low, high), 53 bits. */
    public static double uniform(RandomGenerator random, double low, double high) {
        return low + (high - low) * ((random.nextLong() >>> 11) * 0x1p-53);
    }

    /** A whole number in [low, high], both included; the bias is below (high - low) / 2^32. */
    public static int integer(RandomGenerator random, int low, int high) {
        long count = (long) high - low + 1;
        return (int) (low + ((random.nextInt() & 0xFFFFFFFFL) * count >>> 32));
    }

    /** True with the given probability. */
    public static boolean chance(RandomGenerator random, double probability) {
        return (random.nextInt() & 0xFFFFFFFFL) < probability * 0x1p32;
    }

    /** Fisher-Yates, in place. */
    public static void shuffle(RandomGenerator random, int[] values) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = integer(random, 0, i);
            int swap = values[i];
            values[i] = values[j];
            values[j] = swap;
        }
    }
}
