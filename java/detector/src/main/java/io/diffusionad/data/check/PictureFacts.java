package io.diffusionad.data.check;

import io.diffusionad.image.RgbImage;

import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * What is kept of a picture that was looked at: about a kilobyte, so that a hundred thousand fit into memory.
 *
 * @param file where it lies
 * @param width of the upright picture
 * @param height of the upright picture
 * @param depth bits and channels in words
 * @param content of all pixels and the size: equal pictures have equal numbers, others hardly ever
 * @param hash 64 bits that tell for 8x8 places whether the picture gets brighter to the right; near-duplicates differ
 *     in few
 * @param thumbnail (32, 32) grey levels, each the mean of its part of the picture
 * @param mean brightness, 0…255
 * @param low the brightness that 1 % of the pixels stay under or reach
 * @param high the brightness that 99 % of the pixels stay under or reach
 * @param min smallest brightness
 * @param max largest brightness
 */
record PictureFacts(
        Path file,
        int width,
        int height,
        String depth,
        long content,
        long hash,
        float[] thumbnail,
        double mean,
        int low,
        int high,
        int min,
        int max) {
    static final int THUMBNAIL = 32;
    private static final int HASH_ROWS = 8;
    private static final int HASH_COLUMNS = 9;

    static PictureFacts of(Path file, String depth, RgbImage picture) {
        byte[] grey = brightness(picture);
        int width = picture.width();
        int height = picture.height();
        long[] histogram = new long[256];
        double sum = 0;
        for (byte level : grey) {
            histogram[level & 0xFF]++;
            sum += level & 0xFF;
        }
        return new PictureFacts(
                file,
                width,
                height,
                depth,
                content(picture),
                hash(grey, width, height),
                shrink(grey, width, height, THUMBNAIL, THUMBNAIL),
                sum / grey.length,
                level(histogram, grey.length * 0.01),
                level(histogram, grey.length * 0.99),
                level(histogram, 1),
                level(histogram, grey.length));
    }

    String size() {
        return width + "x" + height;
    }

    /** Bits in which the hashes differ, 0…64. */
    int hashDistance(PictureFacts other) {
        return Long.bitCount(hash ^ other.hash);
    }

    /**
     * Mean difference of the thumbnails in grey levels once brightness and contrast are made equal, the latter within a
     * quarter.
     */
    double distance(PictureFacts other) {
        double mean = mean(thumbnail);
        double otherMean = mean(other.thumbnail);
        double gain = Math.max(
                0.8, Math.min(1.25, spread(thumbnail, mean) / Math.max(1e-6, spread(other.thumbnail, otherMean))));
        double sum = 0;
        for (int i = 0; i < thumbnail.length; i++) {
            sum += Math.abs(thumbnail[i] - mean - gain * (other.thumbnail[i] - otherMean));
        }
        return sum / thumbnail.length;
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static double spread(float[] values, double mean) {
        double sum = 0;
        for (float value : values) {
            sum += (value - mean) * (value - mean);
        }
        return Math.sqrt(sum / values.length);
    }

    private static byte[] brightness(RgbImage picture) {
        byte[] grey = new byte[picture.width() * picture.height()];
        byte[] rgb = picture.rgb();
        for (int i = 0, p = 0; i < grey.length; i++, p += 3) {
            grey[i] = (byte) ((77 * (rgb[p] & 0xFF) + 150 * (rgb[p + 1] & 0xFF) + 29 * (rgb[p + 2] & 0xFF) + 128) >> 8);
        }
        return grey;
    }

    private static int level(long[] histogram, double count) {
        long below = 0;
        for (int level = 0; level < histogram.length; level++) {
            below += histogram[level];
            if (below >= count) {
                return level;
            }
        }
        return histogram.length - 1;
    }

    private static long content(RgbImage picture) {
        CRC32 first = new CRC32();
        CRC32C second = new CRC32C();
        first.update(picture.rgb());
        second.update(picture.rgb());
        return (first.getValue() << 32 ^ second.getValue()) + 31L * picture.width();
    }

    private static long hash(byte[] grey, int width, int height) {
        float[] cells = shrink(grey, width, height, HASH_COLUMNS, HASH_ROWS);
        long hash = 0;
        for (int y = 0; y < HASH_ROWS; y++) {
            for (int x = 0; x + 1 < HASH_COLUMNS; x++) {
                hash = hash << 1 | (cells[y * HASH_COLUMNS + x + 1] > cells[y * HASH_COLUMNS + x] ? 1 : 0);
            }
        }
        return hash;
    }

    /** Means of the parts of a picture; parts of pictures that are smaller than the result repeat pixels. */
    private static float[] shrink(byte[] grey, int width, int height, int columns, int rows) {
        float[] result = new float[columns * rows];
        for (int row = 0; row < rows; row++) {
            int top = (int) ((long) row * height / rows);
            int bottom = Math.max(top + 1, (int) ((row + 1L) * height / rows));
            for (int column = 0; column < columns; column++) {
                int left = (int) ((long) column * width / columns);
                int right = Math.max(left + 1, (int) ((column + 1L) * width / columns));
                long sum = 0;
                for (int y = top; y < bottom; y++) {
                    for (int x = left; x < right; x++) {
                        sum += grey[y * width + x] & 0xFF;
                    }
                }
                result[row * columns + column] = (float) sum / ((bottom - top) * (right - left));
            }
        }
        return result;
    }
}
