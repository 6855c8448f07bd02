package io.diffusionad.image;

/**
 * Gaussian smoothing of a score map as SciPy's {@code gaussian_filter}: radius 4σ, borders mirrored with the edge pixel
 * repeated.
 */
public final class GaussianBlur {
    private static final double TRUNCATE = 4.0;

    private GaussianBlur() {}

    /**
     * @param map (height, width) values
     * @param sigma standard deviation in pixels, above 0
     * @return (height, width); sums in float64, each of the two passes rounded to float32
     */
    public static float[] blur(float[] map, int width, int height, double sigma) {
        if (map.length != width * height || !(sigma > 0)) {
            throw new IllegalArgumentException(
                    "cannot blur " + map.length + " values as " + width + "x" + height + " with sigma " + sigma);
        }
        double[] kernel = kernel(sigma);
        float[] columns = new float[map.length];
        pass(columns, map, kernel, width, height, 1, width);
        float[] result = new float[map.length];
        pass(result, columns, kernel, height, width, width, 1);
        return result;
    }

    /** Half of the symmetric kernel, centre first, summing to 1 over both halves. */
    private static double[] kernel(double sigma) {
        int radius = (int) (TRUNCATE * sigma + 0.5);
        double[] kernel = new double[radius + 1];
        double sum = 0;
        for (int i = 0; i <= radius; i++) {
            kernel[i] = Math.exp(-0.5 / (sigma * sigma) * i * i);
            sum += i == 0 ? kernel[i] : 2 * kernel[i];
        }
        for (int i = 0; i <= radius; i++) {
            kernel[i] /= sum;
        }
        return kernel;
    }

    /**
     * Filters {@code lines} lines of {@code length} values; neighbours in a line are {@code step} apart, lines
     * {@code lineStep}.
     */
    private static void pass(float[] out, float[] in, double[] kernel, int lines, int length, int lineStep, int step) {
        int radius = kernel.length - 1;
        double[] padded = new double[length + 2 * radius];
        for (int line = 0; line < lines; line++) {
            int start = line * lineStep;
            for (int i = 0; i < padded.length; i++) {
                padded[i] = in[start + mirror(i - radius, length) * step];
            }
            for (int i = 0; i < length; i++) {
                double sum = padded[i + radius] * kernel[0];
                for (int k = radius; k > 0; k--) {
                    sum += (padded[i + radius - k] + padded[i + radius + k]) * kernel[k];
                }
                out[start + i * step] = (float) sum;
            }
        }
    }

    private static int mirror(int i, int length) {
        int period = 2 * length;
        int folded = Math.floorMod(i, period);
        return folded < length ? folded : period - 1 - folded;
    }
}
