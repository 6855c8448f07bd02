package io.diffusionad.tensor;

/**
 * Between NCHW, in which the reference, its checkpoints and other programs order values, and the engine's NHWC. Filters
 * are the case n = K.
 */
public final class Layouts {
    private Layouts() {}

    public static float[] toNhwc(float[] nchw, int n, int c, int h, int w) {
        return permute(nchw, n, c, h * w);
    }

    public static float[] toNchw(float[] nhwc, int n, int c, int h, int w) {
        return permute(nhwc, n, h * w, c);
    }

    /** (n, rows, columns) to (n, columns, rows). */
    private static float[] permute(float[] source, int n, int rows, int columns) {
        float[] result = new float[source.length];
        for (int s = 0; s < n; s++) {
            int base = s * rows * columns;
            for (int r = 0; r < rows; r++) {
                for (int k = 0; k < columns; k++) {
                    result[base + k * rows + r] = source[base + r * columns + k];
                }
            }
        }
        return result;
    }
}
