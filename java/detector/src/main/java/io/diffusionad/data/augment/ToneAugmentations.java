package io.diffusionad.data.augment;

import io.diffusionad.image.RgbImage;

/** Augmentations that map each channel through a table: a value's result does not depend on where it lies. Exact. */
public final class ToneAugmentations {
    private ToneAugmentations() {}

    /** {@code 255·(v/255)^γ}, truncated, in float32. @param gammas exponents above 0 for R, G, B */
    public static RgbImage gammaContrast(RgbImage image, float[] gammas) {
        byte[][] tables = new byte[3][256];
        for (int c = 0; c < 3; c++) {
            for (int v = 0; v < 256; v++) {
                // numpy.linspace in float32 is v times the float64 step, rounded; the power is then taken in float32.
                float base = (float) (v * (1.0 / 255));
                tables[c][v] = (byte) (int) ((float) Math.pow(base, gammas[c]) * 255f);
            }
        }
        return map(image, tables);
    }

    /** Values of at least {@code threshold} are inverted. @param threshold 0…256; 256 changes nothing */
    public static RgbImage solarize(RgbImage image, int threshold) {
        byte[] table = new byte[256];
        for (int v = 0; v < 256; v++) {
            table[v] = (byte) (v >= threshold ? 255 - v : v);
        }
        return map(image, new byte[][] {table, table, table});
    }

    /** Keeps the upper {@code bits} of each value. @param bits 1…8 */
    public static RgbImage posterize(RgbImage image, int bits) {
        if (bits < 1 || bits > 8) {
            throw new IllegalArgumentException("posterize keeps 1 to 8 bits, not " + bits);
        }
        byte[] table = new byte[256];
        for (int v = 0; v < 256; v++) {
            table[v] = (byte) (v & 0xFF << 8 - bits);
        }
        return map(image, new byte[][] {table, table, table});
    }

    /** {@code 255 - v}. */
    public static RgbImage invert(RgbImage image) {
        return solarize(image, 0);
    }

    /**
     * Stretches each channel's histogram to 0…255 after cutting {@code cutoff} percent of the pixels off at each end,
     * as PIL's {@code ImageOps.autocontrast}. A channel with one value left stays as it is.
     *
     * @param cutoff percent, 0…49
     */
    public static RgbImage autocontrast(RgbImage image, int cutoff) {
        if (cutoff < 0 || cutoff > 49) {
            throw new IllegalArgumentException("autocontrast cuts 0 to 49 percent off, not " + cutoff);
        }
        long cut = (long) image.width() * image.height() * cutoff / 100;
        byte[][] tables = new byte[3][256];
        for (int c = 0; c < 3; c++) {
            int[] histogram = histogram(image, c);
            int low = 0;
            for (long left = cut; low < 255 && (histogram[low] == 0 || left >= histogram[low]); low++) {
                left -= histogram[low];
            }
            int high = 255;
            for (long left = cut; high > 0 && (histogram[high] == 0 || left >= histogram[high]); high--) {
                left -= histogram[high];
            }
            for (int v = 0; v < 256; v++) {
                double scale = 255.0 / (high - low);
                tables[c][v] = (byte) (high <= low ? v : Math.max(0, Math.min(255, (int) (v * scale - low * scale))));
            }
        }
        return map(image, tables);
    }

    /**
     * Spreads each channel's values so that its cumulative histogram becomes a line. The step is (pixels below 255) /
     * 255, as imgaug computes it (PIL leaves out the brightest value that occurs, which differs by one level here and
     * there).
     */
    public static RgbImage equalize(RgbImage image) {
        byte[][] tables = new byte[3][256];
        for (int c = 0; c < 3; c++) {
            int[] histogram = histogram(image, c);
            int step = (image.width() * image.height() - histogram[255]) / 255;
            long sum = step / 2;
            for (int v = 0; v < 256; v++) {
                tables[c][v] = (byte) (step == 0 ? v : Math.min(255, sum / step));
                sum += histogram[v];
            }
        }
        return map(image, tables);
    }

    private static int[] histogram(RgbImage image, int channel) {
        int[] histogram = new int[256];
        for (int i = channel; i < image.rgb().length; i += 3) {
            histogram[image.rgb()[i] & 0xFF]++;
        }
        return histogram;
    }

    private static RgbImage map(RgbImage image, byte[][] tables) {
        byte[] in = image.rgb();
        byte[] out = new byte[in.length];
        for (int i = 0; i < in.length; i += 3) {
            out[i] = tables[0][in[i] & 0xFF];
            out[i + 1] = tables[1][in[i + 1] & 0xFF];
            out[i + 2] = tables[2][in[i + 2] & 0xFF];
        }
        return new RgbImage(image.width(), image.height(), out);
    }
}
