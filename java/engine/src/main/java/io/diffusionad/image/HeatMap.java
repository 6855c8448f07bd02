package io.diffusionad.image;

/** Score maps as colours, as the reference draws them: smoothed with {@link #SIGMA}, stretched to their range, through the "jet" table, over the image. */
public final class HeatMap {
    /** Smoothing of displayed maps, pixels; metrics use the map as it is. */
    public static final double SIGMA = 4.0;
    private static final byte[] JET = jetTable();

    private HeatMap() { }

    /** The 256 entries of OpenCV's jet table, RGB: dark blue, blue, cyan, yellow, red, dark red. */
    private static byte[] jetTable() {
        byte[] table = new byte[256 * 3];
        for (int i = 0; i < 256; i++) {
            int red = i < 96 ? 0 : i < 160 ? 4 * (i - 96) + 2 : i < 224 ? 255 : 252 - 4 * (i - 224);
            int green = i < 32 ? 0 : i < 96 ? 4 * (i - 32) : i < 160 ? 255 : Math.max(0, 252 - 4 * (i - 160));
            int blue = i < 32 ? 128 + 4 * i : i < 96 ? 255 : i < 159 ? 254 - 4 * (i - 96) : i == 159 ? 1 : 0;
            table[3 * i] = (byte) red;
            table[3 * i + 1] = (byte) green;
            table[3 * i + 2] = (byte) blue;
        }
        return table;
    }

    /** A copy of the table, (256, 3) RGB. */
    public static byte[] jet() {
        return JET.clone();
    }

    /** {@code (v - min) / (max - min)} in float32; a constant map becomes 0. */
    public static float[] minMax(float[] map) {
        float min = Float.POSITIVE_INFINITY;
        float max = Float.NEGATIVE_INFINITY;
        for (float v : map) {
            min = Math.min(min, v);
            max = Math.max(max, v);
        }
        float[] result = new float[map.length];
        for (int i = 0; i < map.length && max > min; i++) {
            result[i] = (map[i] - min) / (max - min);
        }
        return result;
    }

    /** Values clamped to [0, 1], times 255 (truncated), through the table. */
    public static RgbImage colour(float[] map, int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < width * height; i++) {
            int level = (int) (Math.max(0f, Math.min(1f, map[i])) * 255f);
            System.arraycopy(JET, 3 * level, rgb, 3 * i, 3);
        }
        return new RgbImage(width, height, rgb);
    }

    /** The reference's heat map of a raw score map: smoothed, stretched from its minimum to its maximum, coloured. */
    public static RgbImage of(float[] scoreMap, int width, int height) {
        return colour(minMax(GaussianBlur.blur(scoreMap, width, height, SIGMA)), width, height);
    }

    /** Image plus colours, each in [0, 1], divided by the largest sum. Both of the same size. */
    public static RgbImage overlay(RgbImage image, RgbImage colours) {
        if (image.width() != colours.width() || image.height() != colours.height()) {
            throw new IllegalArgumentException("heat map of " + colours.width() + "x" + colours.height() + " over an image of " + image.width() + "x" + image.height());
        }
        float[] sum = colours.toFloats();
        float[] base = image.toFloats();
        float max = 0;
        for (int i = 0; i < sum.length; i++) {
            sum[i] += base[i];
            max = Math.max(max, sum[i]);
        }
        byte[] rgb = new byte[sum.length];
        for (int i = 0; i < rgb.length && max > 0; i++) {
            rgb[i] = (byte) (int) (255f * (sum[i] / max));
        }
        return new RgbImage(image.width(), image.height(), rgb);
    }
}
