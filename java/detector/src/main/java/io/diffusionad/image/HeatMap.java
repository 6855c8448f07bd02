package io.diffusionad.image;

/**
 * Score maps as colours through the "jet" table. {@link #relative} colours by the distance to the pixel threshold, the
 * same in every picture: blue is good, yellow to red belongs to the mask. {@link #of} draws as the reference does:
 * smoothed with {@link #SIGMA}, stretched from the picture's own minimum to its own maximum, so that every picture has
 * red in it.
 */
public final class HeatMap {
    /** Smoothing of displayed maps, pixels; metrics use the map as it is. */
    public static final double SIGMA = 4.0;
    /** Where light blue ends in the table. */
    private static final double COLD_END = 0.25;
    /** Where yellow begins in the table. */
    private static final double WARM_START = 0.64;

    private static final byte[] JET = jetTable();

    private HeatMap() {}

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

    /**
     * Colours relative to the pixel threshold t, of the map as it is: dark blue to light blue below, in proportion to
     * the score; yellow at t to dark red at 1 from there on, by the logarithm of the score. Between lies a jump: what
     * is warm belongs to the mask, and nothing else does.
     *
     * @param map (height, width) scores in [0, 1]
     * @param pixelThreshold pixels that score at least this much belong to the mask
     * @throws IllegalArgumentException when the threshold is NaN
     */
    public static RgbImage relative(float[] map, int width, int height, double pixelThreshold) {
        if (Double.isNaN(pixelThreshold)) {
            throw new IllegalArgumentException("colours relative to a pixel threshold need one");
        }
        float[] levels = new float[map.length];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = level(map[i], pixelThreshold);
        }
        return colour(levels, width, height);
    }

    private static float level(double score, double threshold) {
        if (score < threshold) {
            return (float) (COLD_END * Math.max(0, score) / threshold);
        }
        double decades = threshold > 0 && threshold < 1 ? Math.log(score / threshold) / -Math.log(threshold) : 1;
        return (float) (WARM_START + (1 - WARM_START) * Math.min(1, decades));
    }

    /**
     * Colours over the image's luma, half of each: the image's own colours do not mix with those of the scores. Both of
     * the same size.
     */
    public static RgbImage overGrey(RgbImage image, RgbImage colours) {
        if (image.width() != colours.width() || image.height() != colours.height()) {
            throw new IllegalArgumentException("heat map of " + colours.width() + "x" + colours.height()
                    + " over an image of " + image.width() + "x" + image.height());
        }
        byte[] rgb = new byte[image.rgb().length];
        for (int i = 0; i < rgb.length; i += 3) {
            int luma = (299 * (image.rgb()[i] & 0xFF)
                            + 587 * (image.rgb()[i + 1] & 0xFF)
                            + 114 * (image.rgb()[i + 2] & 0xFF)
                            + 500)
                    / 1000;
            for (int c = i; c < i + 3; c++) {
                rgb[c] = (byte) ((luma + (colours.rgb()[c] & 0xFF)) / 2);
            }
        }
        return new RgbImage(image.width(), image.height(), rgb);
    }

    /** Image plus colours, each in [0, 1], divided by the largest sum. Both of the same size. */
    public static RgbImage overlay(RgbImage image, RgbImage colours) {
        if (image.width() != colours.width() || image.height() != colours.height()) {
            throw new IllegalArgumentException("heat map of " + colours.width() + "x" + colours.height()
                    + " over an image of " + image.width() + "x" + image.height());
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
