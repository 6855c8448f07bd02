package io.diffusionad.data.synthesis;

import io.diffusionad.image.RgbImage;

import java.util.Arrays;
import java.util.Optional;

/**
 * Finds the object on a plain background. The background's colour is the median of a frame along the border, its spread
 * the median absolute deviation; pixels are split by Otsu's threshold on their distance from it; holes are filled,
 * specks dropped, and the rest grows by a small margin, because defects also sit on the rim. Where that makes no sense
 * (a frame without one colour, an object that touches much of it, next to nothing or nearly all found) there is no
 * foreground to tell from a background.
 */
public final class ForegroundExtractor {
    private static final double FRAME = 0.03;
    private static final double MIN_SPREAD = 4;
    private static final double MIN_DISTANCE = 3;
    private static final double MAX_DISTANCE = 12;
    private static final double MAX_FOREGROUND_ON_FRAME = 0.2;
    private static final double MIN_SPECK = 0.01;
    private static final double MIN_AREA = 0.03;
    private static final double MAX_AREA = 0.95;
    private static final double MARGIN = 0.012;
    private static final int BINS = 256;

    private ForegroundExtractor() {}

    /** (H, W) ones in the foreground, zeros elsewhere; empty if the image is no object on a plain background. */
    public static Optional<byte[]> extract(RgbImage image) {
        int width = image.width();
        int height = image.height();
        int frame = Math.max(1, (int) Math.round(FRAME * Math.min(width, height)));
        int[] binned = distances(image, frame);
        int threshold = Math.max(otsu(binned), (int) (MIN_DISTANCE / MAX_DISTANCE * (BINS - 1)));
        byte[] mask = new byte[binned.length];
        int framePixels = 0;
        int foregroundOnFrame = 0;
        for (int i = 0; i < mask.length; i++) {
            mask[i] = (byte) (binned[i] > threshold ? 1 : 0);
            if (onFrame(i % width, i / width, width, height, frame)) {
                framePixels++;
                foregroundOnFrame += mask[i];
            }
        }
        if (foregroundOnFrame > MAX_FOREGROUND_ON_FRAME * framePixels) {
            return Optional.empty();
        }
        fillHoles(mask, width, height);
        dropSpecks(mask, width, height);
        grow(mask, width, height, Math.max(1, (int) Math.round(MARGIN * Math.min(width, height))));
        int area = 0;
        for (byte value : mask) {
            area += value;
        }
        return area < MIN_AREA * mask.length || area > MAX_AREA * mask.length ? Optional.empty() : Optional.of(mask);
    }

    private static boolean onFrame(int x, int y, int width, int height, int frame) {
        return x < frame || y < frame || x >= width - frame || y >= height - frame;
    }

    /** For each pixel its distance from the frame's colour in spreads, 0…255 for 0…{@value #MAX_DISTANCE}. */
    private static int[] distances(RgbImage image, int frame) {
        int width = image.width();
        int height = image.height();
        double[] squares = new double[width * height];
        for (int c = 0; c < 3; c++) {
            int[] values = new int[width * height];
            int count = 0;
            for (int i = 0; i < width * height; i++) {
                if (onFrame(i % width, i / width, width, height, frame)) {
                    values[count++] = image.rgb()[3 * i + c] & 0xFF;
                }
            }
            int median = median(values, count);
            for (int i = 0; i < count; i++) {
                values[i] = Math.abs(values[i] - median);
            }
            double spread = Math.max(MIN_SPREAD, 1.4826 * median(values, count));
            for (int i = 0; i < squares.length; i++) {
                double d = ((image.rgb()[3 * i + c] & 0xFF) - median) / spread;
                squares[i] += d * d;
            }
        }
        int[] binned = new int[squares.length];
        for (int i = 0; i < binned.length; i++) {
            binned[i] = (int) (Math.min(1, Math.sqrt(squares[i]) / MAX_DISTANCE) * (BINS - 1));
        }
        return binned;
    }

    private static int median(int[] values, int count) {
        int[] sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        return sorted[count / 2];
    }

    /**
     * The bin that splits the histogram with the largest variance between the two parts; bins up to it are background.
     */
    private static int otsu(int[] binned) {
        long[] histogram = new long[BINS];
        double total = 0;
        for (int bin : binned) {
            histogram[bin]++;
            total += bin;
        }
        double below = 0;
        long countBelow = 0;
        double best = -1;
        int threshold = 0;
        for (int t = 0; t < BINS - 1; t++) {
            countBelow += histogram[t];
            below += (double) t * histogram[t];
            long countAbove = binned.length - countBelow;
            if (countBelow > 0 && countAbove > 0) {
                double difference = below / countBelow - (total - below) / countAbove;
                double between = (double) countBelow * countAbove * difference * difference;
                if (between > best) {
                    best = between;
                    threshold = t;
                }
            }
        }
        return threshold;
    }

    /** Background that the border cannot reach becomes foreground. */
    private static void fillHoles(byte[] mask, int width, int height) {
        boolean[] seen = new boolean[mask.length];
        for (int i = 0; i < mask.length; i++) {
            if (onFrame(i % width, i / width, width, height, 1) && mask[i] == 0 && !seen[i]) {
                flood(mask, width, height, i, seen);
            }
        }
        for (int i = 0; i < mask.length; i++) {
            if (!seen[i]) {
                mask[i] = 1;
            }
        }
    }

    private static void dropSpecks(byte[] mask, int width, int height) {
        boolean[] seen = new boolean[mask.length];
        for (int i = 0; i < mask.length; i++) {
            if (mask[i] == 1 && !seen[i]) {
                int[] region = flood(mask, width, height, i, seen);
                if (region.length < MIN_SPECK * mask.length) {
                    for (int at : region) {
                        mask[at] = 0;
                    }
                }
            }
        }
    }

    /** The 4-connected pixels of the value at {@code start}, marked as seen. */
    private static int[] flood(byte[] mask, int width, int height, int start, boolean[] seen) {
        int[] queue = new int[mask.length];
        int head = 0;
        int tail = 0;
        queue[tail++] = start;
        seen[start] = true;
        while (head < tail) {
            int at = queue[head++];
            int x = at % width;
            int[] neighbours = {x > 0 ? at - 1 : -1, x < width - 1 ? at + 1 : -1, at - width, at + width};
            for (int next : neighbours) {
                if (next >= 0 && next < mask.length && !seen[next] && mask[next] == mask[start]) {
                    seen[next] = true;
                    queue[tail++] = next;
                }
            }
        }
        return Arrays.copyOf(queue, tail);
    }

    /** Adds every pixel within {@code margin} of the foreground, rows and columns apart. */
    private static void grow(byte[] mask, int width, int height, int margin) {
        byte[] wide = new byte[mask.length];
        for (int i = 0; i < mask.length; i++) {
            for (int x = Math.max(0, i % width - margin);
                    x <= Math.min(width - 1, i % width + margin) && wide[i] == 0;
                    x++) {
                wide[i] = mask[i / width * width + x];
            }
        }
        for (int i = 0; i < mask.length; i++) {
            mask[i] = 0;
            for (int y = Math.max(0, i / width - margin);
                    y <= Math.min(height - 1, i / width + margin) && mask[i] == 0;
                    y++) {
                mask[i] = wide[y * width + i % width];
            }
        }
    }
}
