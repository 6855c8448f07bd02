package io.diffusionad.image;

/**
 * An 8-bit colour image.
 *
 * @param width pixels a row, at least 1
 * @param height rows, at least 1
 * @param rgb {@code height·width·3} unsigned bytes, row by row, red first (HWC); not copied, and by convention not
 *     changed after construction
 */
public record RgbImage(int width, int height, byte[] rgb) {
    public RgbImage {
        if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
            throw new IllegalArgumentException(rgb.length + " bytes are no RGB image of " + width + "x" + height);
        }
    }

    /** A black image. */
    public static RgbImage black(int width, int height) {
        return new RgbImage(width, height, new byte[3 * width * height]);
    }

    /** Channel 0 (red), 1 (green) or 2 (blue) of a pixel, 0…255. */
    public int channel(int x, int y, int channel) {
        return rgb[3 * (y * width + x) + channel] & 0xFF;
    }

    /** (H, W, 3) values in [0, 1]: bytes divided by 255. */
    public float[] toFloats() {
        float[] values = new float[rgb.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (rgb[i] & 0xFF) / 255f;
        }
        return values;
    }

    /**
     * The inverse of {@link #toFloats}: values are clamped to [0, 1] and rounded to the nearest of 255 steps; NaN
     * becomes 0.
     */
    public static RgbImage fromFloats(int width, int height, float[] values) {
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) Math.round(Math.max(0f, Math.min(1f, values[i])) * 255f);
        }
        return new RgbImage(width, height, rgb);
    }
}
