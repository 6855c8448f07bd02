package io.diffusionad.image;

/** L*·255/100, a*+128, b*+128 in bytes, by tables and integer matrices. */
final class CieLab {
    private static final int GAMMA_BITS = 3;
    private static final int ROOT_BITS = Cie.MATRIX_BITS + GAMMA_BITS;
    private static final int[] LINEAR = new int[256];
    private static final int[] ROOT = new int[256 * 3 / 2 * (1 << GAMMA_BITS)];
    private static final int[] TO_XYZ = new int[9];
    private static final int[] TO_RGB = Cie.matrixToRgb(Cie.WHITE);

    static {
        float one = 255 << GAMMA_BITS;
        for (int i = 0; i < 256; i++) {
            LINEAR[i] = (int) Math.rint(one * Cie.decode(i / 255f));
        }
        for (int i = 0; i < ROOT.length; i++) {
            ROOT[i] = (int) Math.rint((1 << ROOT_BITS) * Cie.f(1f / one * i));
        }
        for (int i = 0; i < 9; i++) {
            TO_XYZ[i] = (int) Math.rint((1 << Cie.MATRIX_BITS) * Cie.RGB_TO_XYZ[i] / Cie.WHITE[i / 3]);
        }
    }

    private CieLab() {}

    static void fromRgb(int[] p) {
        int r = LINEAR[p[0]];
        int g = LINEAR[p[1]];
        int b = LINEAR[p[2]];
        int x = root(r, g, b, 0);
        int y = root(r, g, b, 3);
        int z = root(r, g, b, 6);
        int scale = (116 * 255 + 50) / 100;
        int offset = -((16 * 255 * (1 << ROOT_BITS) + 50) / 100);
        p[0] = ColorSpace.saturate(ColorSpace.descale(scale * y + offset, ROOT_BITS));
        p[1] = ColorSpace.saturate(ColorSpace.descale(500 * (x - y) + (128 << ROOT_BITS), ROOT_BITS));
        p[2] = ColorSpace.saturate(ColorSpace.descale(200 * (y - z) + (128 << ROOT_BITS), ROOT_BITS));
    }

    private static int root(int r, int g, int b, int row) {
        return ROOT[ColorSpace.descale(r * TO_XYZ[row] + g * TO_XYZ[row + 1] + b * TO_XYZ[row + 2], Cie.MATRIX_BITS)];
    }

    static void toRgb(int[] p) {
        int fy = Cie.luminanceRoot(p[0]);
        // 53687 / 2^13 / 5^-1 and 41943 / 2^9 are 2^14 / 500 and 2^14 / 200 in fixed point.
        int a = ((5 * p[1] * 53687 + (1 << 7)) >> 13) - 128 * Cie.BASE / 500;
        int b = ((p[2] * 41943 + (1 << 4)) >> 9) - 128 * Cie.BASE / 200 + 1;
        Cie.xyzToRgb(p, TO_RGB, cube(fy + a), Cie.luminance(p[0]), cube(fy - b));
    }

    /** The inverse of CIE's f in 1/2^14. */
    private static int cube(int f) {
        return f <= 3390 ? f * 108 / 841 - Cie.BASE * 16 / 116 * 108 / 841 : f * f / Cie.BASE * f / Cie.BASE;
    }
}
