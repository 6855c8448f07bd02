package io.diffusionad.image;

/**
 * L*·255/100, (u*+134)·255/354, (v*+140)·255/262 in bytes. From RGB by trilinear interpolation in a 33³ table, back by
 * tables over (L*, u*) and (L*, v*) in 64-bit integers.
 */
final class CieLuv {
    private static final float U_LOW = -134f;
    private static final float U_RANGE = 354f;
    private static final float V_LOW = -140f;
    private static final float V_RANGE = 262f;
    private static final int GRID = 33;
    private static final int CELL_BITS = 4;
    private static final int CELL = 1 << CELL_BITS;
    private static final float U_WHITE;
    private static final float V_WHITE;
    /** (33, 33, 33, 3) by R, G, B: L*, u*, v* in 1/2^14 of their ranges. */
    private static final short[] TABLE = new short[GRID * GRID * GRID * 3];

    private static final int[] U_PRIME = new int[256 * 256];
    private static final int[] V_PRIME = new int[256 * 256];
    private static final int[] TO_RGB = Cie.matrixToRgb(1, 1, 1);

    static {
        float d = 1f / (float) (Cie.WHITE[0] + Cie.WHITE[1] * 15 + Cie.WHITE[2] * 3);
        U_WHITE = d * 52f * (float) Cie.WHITE[0];
        V_WHITE = d * 117f * (float) Cie.WHITE[1];
        fillTable();
        for (int l = 0; l < 256; l++) {
            float lightness = l * 100 / 255f;
            for (int i = 0; i < 256; i++) {
                float u = i * U_RANGE / 255f + U_LOW;
                U_PRIME[l * 256 + i] = (int) Math.rint(9f * (u + lightness * U_WHITE) * (Cie.BASE / 1024));
                float v = 0.25f / (i * V_RANGE / 255f + V_LOW + lightness * V_WHITE);
                V_PRIME[l * 256 + i] = (int) Math.rint(Math.max(-0.25f, Math.min(0.25f, v)) * (Cie.BASE * 1024));
            }
        }
    }

    private CieLuv() {}

    private static void fillTable() {
        float[] linear = new float[GRID];
        for (int i = 0; i < GRID; i++) {
            linear[i] = Cie.decode(i / (float) (GRID - 1));
        }
        float[] m = new float[9];
        for (int i = 0; i < 9; i++) {
            m[i] = (float) Cie.RGB_TO_XYZ[i];
        }
        for (int r = 0, o = 0; r < GRID; r++) {
            for (int g = 0; g < GRID; g++) {
                for (int b = 0; b < GRID; b++) {
                    float x = linear[r] * m[0] + linear[g] * m[1] + linear[b] * m[2];
                    float y = linear[r] * m[3] + linear[g] * m[4] + linear[b] * m[5];
                    float z = linear[r] * m[6] + linear[g] * m[7] + linear[b] * m[8];
                    float lightness = Cie.f(y) * 116f - 16f;
                    float d = 52f / Math.max(x + 15f * y + 3f * z, Math.ulp(1f));
                    float u = lightness * (x * d - U_WHITE);
                    float v = lightness * (2.25f * y * d - V_WHITE);
                    TABLE[o++] = (short) Math.rint(Cie.BASE * lightness / 100f);
                    TABLE[o++] = (short) Math.rint(Cie.BASE * (u - U_LOW) / U_RANGE);
                    TABLE[o++] = (short) Math.rint(Cie.BASE * (v - V_LOW) / V_RANGE);
                }
            }
        }
    }

    static void fromRgb(int[] p) {
        int r = p[0] * (Cie.BASE / 256);
        int g = p[1] * (Cie.BASE / 256);
        int b = p[2] * (Cie.BASE / 256);
        for (int c = 0; c < 3; c++) {
            int sum = 0;
            for (int corner = 0; corner < 8; corner++) {
                int cr = corner >> 2;
                int cg = corner >> 1 & 1;
                int cb = corner & 1;
                int at = (gridIndex(r, cr) * GRID + gridIndex(g, cg)) * GRID + gridIndex(b, cb);
                sum += TABLE[3 * at + c] * weight(r, cr) * weight(g, cg) * weight(b, cb);
            }
            p[c] = ColorSpace.saturate(ColorSpace.descale(sum, 3 * CELL_BITS) / (Cie.BASE / 256));
        }
    }

    private static int gridIndex(int value, int corner) {
        return Math.min(GRID - 1, (value >> 9) + corner);
    }

    /** Of 16: how near the value lies to the lower (0) or upper (1) corner of its cell. */
    private static int weight(int value, int corner) {
        int fraction = value >> 5 & (CELL - 1);
        return corner == 0 ? CELL - fraction : fraction;
    }

    static void toRgb(int[] p) {
        int lightness = p[0];
        long y = Cie.luminance(lightness);
        long vPrime = V_PRIME[lightness * 256 + p[2]];
        long uv = U_PRIME[lightness * 256 + p[1]] * vPrime;
        long x = y * (int) (uv / Cie.BASE) / Cie.BASE;
        long z = (12L * 13 * 100 * (Cie.BASE / 1024) * (int) (vPrime * lightness) - uv * (255 / 3)) / Cie.BASE
                - 5L * 255 * Cie.BASE;
        int scaled = (int) (y * z / Cie.BASE);
        Cie.xyzToRgb(p, TO_RGB, limit((int) x), (int) y, limit(scaled / 256 + scaled / 65536));
    }

    /** X and Z stay within [0, 2] so that impossible colours near black do not explode. */
    private static int limit(int value) {
        return Math.max(0, Math.min(2 * Cie.BASE, value));
    }
}
