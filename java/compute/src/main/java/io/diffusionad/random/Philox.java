package io.diffusionad.random;

/**
 * Philox 4x32-10 (Salmon et al., <i>Parallel random numbers: as easy as 1, 2, 3</i>, SC 2011) as a function of (seed,
 * purpose, sample, element): the same numbers on every device, for every batch size and thread count.
 *
 * <p>Key = (low, high word of the seed); counter = (element / 4, purpose, low word of sample, high word of sample);
 * element {@code e} of a tensor reads word {@code e % 4}. CPU and CUDA backends repeat exactly this arithmetic; the
 * functions here are the definition.
 */
public final class Philox {
    private static final int M0 = 0xD2511F53;
    private static final int M1 = 0xCD9E8D57;
    private static final int W0 = 0x9E3779B9;
    private static final int W1 = 0xBB67AE85;

    private Philox() {}

    /** One block of four 32-bit words into {@code out[0..3]}. */
    public static void block(int[] out, long seed, int purpose, long sample, int block) {
        int k0 = (int) seed;
        int k1 = (int) (seed >>> 32);
        int c0 = block;
        int c1 = purpose;
        int c2 = (int) sample;
        int c3 = (int) (sample >>> 32);
        for (int round = 0; round < 10; round++) {
            long p0 = (M0 & 0xFFFFFFFFL) * (c0 & 0xFFFFFFFFL);
            long p1 = (M1 & 0xFFFFFFFFL) * (c2 & 0xFFFFFFFFL);
            int n0 = (int) (p1 >>> 32) ^ c1 ^ k0;
            int n2 = (int) (p0 >>> 32) ^ c3 ^ k1;
            c1 = (int) p1;
            c3 = (int) p0;
            c0 = n0;
            c2 = n2;
            k0 += W0;
            k1 += W1;
        }
        out[0] = c0;
        out[1] = c1;
        out[2] = c2;
        out[3] = c3;
    }

    /** Uniform in (0, 1]: the top 24 bits plus one, exactly representable. */
    public static float uniformOpenZero(int word) {
        return ((word >>> 8) + 1) * 0x1p-24f;
    }

    /** Uniform in [0, 1). */
    public static float uniform(int word) {
        return (word >>> 8) * 0x1p-24f;
    }

    /**
     * Standard normals by Box-Muller: words (a, b) give {@code r·cos(2πv)} and {@code r·sin(2πv)} with {@code r =
     * sqrt(-2 ln u)}, u from a, v from b. Elements 0, 1 of a block come from words 0, 1; elements 2, 3 from words 2, 3.
     * Logarithm and sine are polynomials in fused multiply-adds, so every IEEE device returns the same bits.
     */
    public static void normals(float[] out, int offset, int[] words) {
        for (int pair = 0; pair < 4; pair += 2) {
            float radius = (float) Math.sqrt(-2f * naturalLog(uniformOpenZero(words[pair])));
            float turn = uniform(words[pair + 1]);
            out[offset + pair] = radius * sinTurn(turn + 0.25f);
            out[offset + pair + 1] = radius * sinTurn(turn);
        }
    }

    /**
     * ln(u) for u in (0, 1], relative error below 2e-7: u = m·2^e with m in [√½, √2), ln m by the Cephes {@code logf}
     * polynomial.
     */
    static float naturalLog(float u) {
        int bits = Float.floatToRawIntBits(u);
        int exponent = (bits >>> 23) - 126;
        float m = Float.intBitsToFloat((bits & 0x007FFFFF) | 0x3F000000); // [0.5, 1)
        if (m < 0.70710678f) {
            exponent--;
            m = m + m;
        }
        float x = m - 1f;
        float z = x * x;
        float y = 7.0376836292e-2f;
        y = Math.fma(y, x, -1.1514610310e-1f);
        y = Math.fma(y, x, 1.1676998740e-1f);
        y = Math.fma(y, x, -1.2420140846e-1f);
        y = Math.fma(y, x, 1.4249322787e-1f);
        y = Math.fma(y, x, -1.6668057665e-1f);
        y = Math.fma(y, x, 2.0000714765e-1f);
        y = Math.fma(y, x, -2.4999993993e-1f);
        y = Math.fma(y, x, 3.3333331174e-1f);
        y = y * x * z;
        y = Math.fma((float) exponent, -2.12194440e-4f, y);
        y = Math.fma(-0.5f, z, y);
        return Math.fma((float) exponent, 0.693359375f, x + y);
    }

    /** sin(2π·turn) for turn in [0, 1.25): reduced to a quarter turn, then the odd Taylor polynomial of degree 11. */
    static float sinTurn(float turn) {
        float t = turn >= 1f ? turn - 1f : turn;
        float sign = 1f;
        if (t >= 0.5f) {
            t = t - 0.5f;
            sign = -1f;
        }
        if (t > 0.25f) {
            t = 0.5f - t;
        }
        float x = t * 6.2831855f;
        float z = x * x;
        float y = -2.5052108e-8f;
        y = Math.fma(y, z, 2.7557319e-6f);
        y = Math.fma(y, z, -1.9841270e-4f);
        y = Math.fma(y, z, 8.3333333e-3f);
        y = Math.fma(y, z, -1.6666667e-1f);
        return sign * Math.fma(y * z, x, x);
    }
}
