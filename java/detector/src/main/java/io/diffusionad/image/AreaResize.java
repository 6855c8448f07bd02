package io.diffusionad.image;

import java.util.Arrays;

/**
 * Resizing by area: columns first, one row at a time, then rows. Weights and sums are float32 in a fixed order, so
 * results do not depend on threads.
 */
final class AreaResize {
    private AreaResize() {}

    /** @return {@code height·width·channels} bytes */
    static byte[] resize(byte[] source, int sourceWidth, int sourceHeight, int channels, int width, int height) {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException("cannot resize to " + width + "x" + height);
        }
        Axis columns = new Axis(sourceWidth, width);
        Axis rows = new Axis(sourceHeight, height);
        byte[] result = new byte[width * height * channels];
        float[] sum = new float[width * channels];
        float[] row = new float[width * channels];
        int rowAt = -1;
        for (int y = 0; y < height; y++) {
            Arrays.fill(sum, 0);
            for (int i = 0; i < rows.count[y]; i++) {
                if (rows.first[y] + i != rowAt) {
                    rowAt = rows.first[y] + i;
                    narrow(row, source, rowAt * sourceWidth * channels, channels, columns);
                }
                float weight = rows.weights[y][i];
                for (int k = 0; k < sum.length; k++) {
                    sum[k] += weight * row[k];
                }
            }
            for (int k = 0; k < sum.length; k++) {
                result[y * sum.length + k] = (byte) Math.min(255, (int) (sum[k] + 0.5f));
            }
        }
        return result;
    }

    /** One source row at the target width. */
    private static void narrow(float[] row, byte[] source, int start, int channels, Axis columns) {
        for (int x = 0; x < columns.first.length; x++) {
            float[] weights = columns.weights[x];
            for (int c = 0; c < channels; c++) {
                float sum = 0;
                int at = start + columns.first[x] * channels + c;
                for (int i = 0; i < columns.count[x]; i++, at += channels) {
                    sum += weights[i] * (source[at] & 0xFF);
                }
                row[x * channels + c] = sum;
            }
        }
    }

    /** For each target position the first source position, how many follow, and their weights, which add up to 1. */
    private static final class Axis {
        final int[] first;
        final int[] count;
        final float[][] weights;

        Axis(int from, int to) {
            first = new int[to];
            count = new int[to];
            weights = new float[to][];
            double scale = (double) from / to;
            for (int i = 0; i < to; i++) {
                if (scale >= 1) {
                    cover(i, i * scale, Math.min(from, (i + 1) * scale), from);
                } else {
                    interpolate(i, (i + 0.5) * scale - 0.5, from);
                }
            }
        }

        private void cover(int i, double begin, double end, int from) {
            first[i] = (int) begin;
            count[i] = Math.min(from, (int) Math.ceil(end - 1e-9)) - first[i];
            weights[i] = new float[count[i]];
            for (int k = 0; k < count[i]; k++) {
                double covered = Math.min(end, first[i] + k + 1) - Math.max(begin, first[i] + k);
                weights[i][k] = (float) (covered / (end - begin));
            }
        }

        private void interpolate(int i, double position, int from) {
            double inside = Math.max(0, Math.min(from - 1, position));
            first[i] = (int) inside;
            count[i] = Math.min(2, from - first[i]);
            float far = (float) (inside - first[i]);
            weights[i] = new float[] {1 - far, far};
        }
    }
}
