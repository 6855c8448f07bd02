package io.diffusionad.image;

/**
 * An 8-bit single-channel image.
 *
 * @param width pixels a row, at least 1
 * @param height rows, at least 1
 * @param grey {@code height·width} unsigned bytes, row by row; not copied, and by convention not changed after
 *     construction
 */
public record GreyImage(int width, int height, byte[] grey) {
    public GreyImage {
        if (width < 1 || height < 1 || grey.length != (long) width * height) {
            throw new IllegalArgumentException(grey.length + " bytes are no grey image of " + width + "x" + height);
        }
    }

    /** A pixel, 0…255. */
    public int value(int x, int y) {
        return grey[y * width + x] & 0xFF;
    }

    /** (H, W) values in [0, 1]: bytes divided by 255. */
    public float[] toFloats() {
        float[] values = new float[grey.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (grey[i] & 0xFF) / 255f;
        }
        return values;
    }

    /** Values clamped to [0, 1] and rounded to the nearest of 255 steps; NaN becomes 0. */
    public static GreyImage fromFloats(int width, int height, float[] values) {
        byte[] grey = new byte[width * height];
        for (int i = 0; i < grey.length; i++) {
            grey[i] = (byte) Math.round(Math.max(0f, Math.min(1f, values[i])) * 255f);
        }
        return new GreyImage(width, height, grey);
    }

    /** The same picture with three equal channels. */
    public RgbImage toRgb() {
        byte[] rgb = new byte[3 * grey.length];
        for (int i = 0; i < grey.length; i++) {
            rgb[3 * i] = rgb[3 * i + 1] = rgb[3 * i + 2] = grey[i];
        }
        return new RgbImage(width, height, rgb);
    }
}
