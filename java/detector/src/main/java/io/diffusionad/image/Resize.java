package io.diffusionad.image;

/**
 * Bilinear resizing exactly as OpenCV's {@code resize(…, INTER_LINEAR)} does it on 8-bit images: half-pixel centres, no
 * antialiasing, weights in 11-bit fixed point, and the plain mean of 2x2 pixels where both sides shrink to exactly
 * half.
 *
 * <p>The truncations of the vertical pass (16 bits, then 2) are part of the result: they make it differ from rounded
 * arithmetic by one level here and there, and are repeated so that scores on resized images equal the reference's.
 */
public final class Resize {
    private static final int WEIGHT_ONE = 1 << 11;

    private Resize() {}

    /** @return the image at {@code width x height}; the argument itself when it has that size */
    public static RgbImage bilinear(RgbImage image, int width, int height) {
        if (image.width() == width && image.height() == height) {
            return image;
        }
        return new RgbImage(width, height, resize(image.rgb(), image.width(), image.height(), 3, width, height));
    }

    /** @return the image at {@code width x height}; the argument itself when it has that size */
    public static GreyImage bilinear(GreyImage image, int width, int height) {
        if (image.width() == width && image.height() == height) {
            return image;
        }
        return new GreyImage(width, height, resize(image.grey(), image.width(), image.height(), 1, width, height));
    }

    /**
     * Each pixel is the mean of the area that it covers, weighted at the edges and rounded to the nearest level, as
     * OpenCV's {@code INTER_AREA} shrinks. A side that grows is interpolated between the two nearest positions instead.
     *
     * @return the image at {@code width x height}; the argument itself when it has that size
     */
    public static RgbImage area(RgbImage image, int width, int height) {
        return image.width() == width && image.height() == height
                ? image
                : new RgbImage(
                        width, height, AreaResize.resize(image.rgb(), image.width(), image.height(), 3, width, height));
    }

    /** As {@link #area(RgbImage, int, int)}. */
    public static GreyImage area(GreyImage image, int width, int height) {
        return image.width() == width && image.height() == height
                ? image
                : new GreyImage(
                        width,
                        height,
                        AreaResize.resize(image.grey(), image.width(), image.height(), 1, width, height));
    }

    private static byte[] resize(
            byte[] source, int sourceWidth, int sourceHeight, int channels, int width, int height) {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException("cannot resize to " + width + "x" + height);
        }
        if (sourceWidth == 2 * width && sourceHeight == 2 * height) {
            return halve(source, sourceWidth, channels, width, height);
        }
        Axis columns = new Axis(sourceWidth, width);
        Axis rows = new Axis(sourceHeight, height);
        byte[] result = new byte[width * height * channels];
        int[] upper = new int[width * channels];
        int[] lower = new int[width * channels];
        int upperRow = -1;
        int lowerRow = -1;
        for (int y = 0; y < height; y++) {
            int first = Math.max(0, Math.min(sourceHeight - 1, rows.index[y]));
            int second = Math.max(0, Math.min(sourceHeight - 1, rows.index[y] + 1));
            if (first == lowerRow) {
                int[] swap = upper;
                upper = lower;
                lower = swap;
                upperRow = lowerRow;
                lowerRow = -1;
            }
            if (first != upperRow) {
                horizontal(upper, source, first, sourceWidth, channels, columns);
                upperRow = first;
            }
            if (second != lowerRow) {
                horizontal(lower, source, second, sourceWidth, channels, columns);
                lowerRow = second;
            }
            vertical(result, y * width * channels, upper, lower, rows.near[y], rows.far[y]);
        }
        return result;
    }

    /** One source row at the target width: values times 2^11. */
    private static void horizontal(int[] out, byte[] source, int row, int sourceWidth, int channels, Axis columns) {
        int rowStart = row * sourceWidth * channels;
        for (int x = 0, o = 0; x < columns.index.length; x++) {
            int index = columns.index[x];
            int left = rowStart + Math.max(0, Math.min(sourceWidth - 1, index)) * channels;
            int right = index >= 0 && index < sourceWidth - 1 ? left + channels : left;
            for (int c = 0; c < channels; c++, o++) {
                out[o] = left == right
                        ? (source[left + c] & 0xFF) * WEIGHT_ONE
                        : (source[left + c] & 0xFF) * columns.near[x] + (source[right + c] & 0xFF) * columns.far[x];
            }
        }
    }

    private static void vertical(byte[] result, int offset, int[] upper, int[] lower, int near, int far) {
        for (int i = 0; i < upper.length; i++) {
            result[offset + i] = (byte) ((((near * (upper[i] >> 4)) >> 16) + ((far * (lower[i] >> 4)) >> 16) + 2) >> 2);
        }
    }

    private static byte[] halve(byte[] source, int sourceWidth, int channels, int width, int height) {
        byte[] result = new byte[width * height * channels];
        int stride = sourceWidth * channels;
        for (int y = 0, o = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int i = 2 * y * stride + 2 * x * channels;
                for (int c = 0; c < channels; c++, i++, o++) {
                    result[o] = (byte) (((source[i] & 0xFF)
                                    + (source[i + channels] & 0xFF)
                                    + (source[i + stride] & 0xFF)
                                    + (source[i + stride + channels] & 0xFF)
                                    + 2)
                            >> 2);
                }
            }
        }
        return result;
    }

    /** For each target position the source index left of (above) it, possibly -1, and the two weights in 1/2^11. */
    private static final class Axis {
        final int[] index;
        final int[] near;
        final int[] far;

        Axis(int from, int to) {
            index = new int[to];
            near = new int[to];
            far = new int[to];
            double scale = 1.0 / ((double) to / from);
            for (int i = 0; i < to; i++) {
                float position = (float) ((i + 0.5) * scale - 0.5);
                index[i] = (int) Math.floor(position);
                float fraction = position - index[i];
                near[i] = (int) Math.rint((1f - fraction) * WEIGHT_ONE);
                far[i] = (int) Math.rint(fraction * WEIGHT_ONE);
            }
        }
    }
}
