package io.diffusionad.image;

/**
 * What CIE L*a*b* and L*u*v* share: sRGB primaries, the D65 white, gamma tables, and the integer scales of the 8-bit
 * arithmetic (12-bit matrices, 14-bit intermediate values).
 */
final class Cie {
    static final int MATRIX_BITS = 12;
    static final int BASE_BITS = 14;
    static final int BASE = 1 << BASE_BITS;
    static final double[] RGB_TO_XYZ = {
        0.412453, 0.357580, 0.180423, 0.212671, 0.715160, 0.072169, 0.019334, 0.119193, 0.950227
    };
    static final double[] XYZ_TO_RGB = {
        3.240479, -1.53715, -0.498535, -0.969256, 1.875991, 0.041556, 0.055648, -0.204043, 1.057311
    };
    static final double[] WHITE = {0.950456, 1.0, 1.088754};
    /** Below this, the cube root is replaced by a line: (6/29)³. */
    static final float LINEAR_BELOW = 216f / 24389f;

    private static final float SLOPE = 841f / 108f;
    private static final float OFFSET = 16f / 116f;

    private static final int GAMMA_STEPS = 1 << 12;
    private static final byte[] GAMMA = new byte[GAMMA_STEPS];
    /** For L* byte i: Y at 2i and f(Y) at 2i+1, both in 1/2^14. */
    private static final int[] LIGHTNESS = new int[512];

    static {
        for (int i = 0; i < GAMMA_STEPS; i++) {
            GAMMA[i] = (byte) Math.rint(255f * encode((float) i / GAMMA_STEPS));
        }
        for (int i = 0; i < 256; i++) {
            if (i <= 20) {
                LIGHTNESS[2 * i] = (int) Math.rint((float) (i * BASE * 20 * 9) / (17 * 29 * 29 * 29));
                LIGHTNESS[2 * i + 1] = (int) Math.rint(BASE * (16f / 116f + (float) (i * 5) / (3 * 17 * 29)));
            } else {
                float f = (float) (i * 100 * BASE) / (255 * 116) + (float) (16 * BASE) / 116;
                LIGHTNESS[2 * i] = (int) Math.rint(f * f * f / ((float) BASE * BASE));
                LIGHTNESS[2 * i + 1] = (int) Math.rint(f);
            }
        }
    }

    private Cie() {}

    /** sRGB to linear light, both in [0, 1]. */
    static float decode(float x) {
        return (float) (x <= 0.04045 ? x / 12.92 : Math.pow((x + 0.055) / 1.055, 2.4));
    }

    /** Linear light to sRGB, both in [0, 1]. */
    static float encode(float x) {
        return (float) (x <= 0.0031308 ? x * 12.92 : Math.pow(x, 1 / 2.4) * 1.055 - 0.055);
    }

    /** CIE's f: the cube root with a linear foot. */
    static float f(float t) {
        return t < LINEAR_BELOW ? Math.fma(t, SLOPE, OFFSET) : (float) Math.cbrt(t);
    }

    /** Y in 1/2^14 of an L* byte. */
    static int luminance(int lightness) {
        return LIGHTNESS[2 * lightness];
    }

    /** f(Y) in 1/2^14 of an L* byte. */
    static int luminanceRoot(int lightness) {
        return LIGHTNESS[2 * lightness + 1];
    }

    /** The XYZ-to-RGB matrix in 12 bits, its columns multiplied by {@code scale}. */
    static int[] matrixToRgb(double... scale) {
        int[] matrix = new int[9];
        for (int i = 0; i < 9; i++) {
            matrix[i] = (int) Math.rint((1 << MATRIX_BITS) * XYZ_TO_RGB[i] * scale[i % 3]);
        }
        return matrix;
    }

    /** XYZ in 1/2^14 through {@code matrix} and the gamma table to RGB bytes. */
    static void xyzToRgb(int[] p, int[] matrix, int x, int y, int z) {
        int bits = MATRIX_BITS + BASE_BITS - 12;
        for (int c = 0; c < 3; c++) {
            int linear = ColorSpace.descale(matrix[3 * c] * x + matrix[3 * c + 1] * y + matrix[3 * c + 2] * z, bits);
            p[c] = GAMMA[Math.max(0, Math.min(GAMMA_STEPS - 1, linear))] & 0xFF;
        }
    }
}
