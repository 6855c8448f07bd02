package io.diffusionad.metrics;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Per-region overlap as the reference computes it, to compare with its tables: thresholds {@code max - k·(max -
 * min)/1000} for k = 0…999, a pixel found when its score is <b>above</b> the threshold, the curve up to a
 * false-positive rate of 0.3, that part rescaled to [0, 1], area by trapezoids. Regions whose scores lie within one
 * thousandth of the range count as missed, however well they stand out: {@link PerRegionOverlap} is exact.
 */
final class ReferencePerRegionOverlap {
    static final int THRESHOLDS = 1000;
    static final double MAX_FALSE_POSITIVE_RATE = 0.3;

    private final double[] thresholds = new double[THRESHOLDS];
    private final double[] overlap = new double[THRESHOLDS];
    private final long[] found = new long[THRESHOLDS];

    /** @param min smallest score of all pixels, @param max largest */
    ReferencePerRegionOverlap(float min, float max) {
        double step = ((double) max - min) / THRESHOLDS;
        for (int k = 0; k < THRESHOLDS; k++) {
            thresholds[k] = max - k * step;
        }
    }

    /** Takes in anomalous pixels of one score. @param overlapAt what they add to the sum of the regions' overlaps */
    void anomalous(float score, long pixels, double overlapAt) {
        int bin = firstThresholdBelow(score);
        if (bin < THRESHOLDS) {
            overlap[bin] += overlapAt;
            found[bin] -= pixels;
        }
    }

    /** Counts all pixels, the anomalous ones included. @param images numbers of the source */
    void count(ScoreMapSource source, int[] images) {
        int threads = Math.max(
                1, Math.min(images.length, Math.min(4, Runtime.getRuntime().availableProcessors())));
        AtomicInteger next = new AtomicInteger();
        IntStream.range(0, threads).parallel().forEach(thread -> {
            long[] counts = new long[THRESHOLDS + 1];
            for (int i = next.getAndIncrement(); i < images.length; i = next.getAndIncrement()) {
                source.forEachPiece(images[i], (scores, length, offset) -> {
                    for (int pixel = 0; pixel < length; pixel++) {
                        counts[firstThresholdBelow(scores[pixel])]++;
                    }
                });
            }
            synchronized (found) {
                for (int k = 0; k < THRESHOLDS; k++) {
                    found[k] += counts[k];
                }
            }
        });
    }

    /**
     * The smallest k with {@code score > thresholds[k]}, or {@link #THRESHOLDS} if there is none; thresholds descend.
     */
    private int firstThresholdBelow(double score) {
        int low = 0;
        int high = THRESHOLDS;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (score > thresholds[middle]) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** The normalised area. @param regions at least one, @param normalPixels at least one */
    double area(long regions, long normalPixels) {
        double area = 0;
        double overlapSum = overlap[0];
        long wrong = found[0];
        double firstRate = (double) wrong / normalPixels;
        if (firstRate > MAX_FALSE_POSITIVE_RATE) {
            return 0;
        }
        double lastRate = firstRate;
        double lastOverlap = overlapSum / regions;
        for (int k = 1; k < THRESHOLDS; k++) {
            overlapSum += overlap[k];
            wrong += found[k];
            double rate = (double) wrong / normalPixels;
            if (rate > MAX_FALSE_POSITIVE_RATE) {
                break;
            }
            area += (rate - lastRate) * 0.5 * (overlapSum / regions + lastOverlap);
            lastRate = rate;
            lastOverlap = overlapSum / regions;
        }
        // Without a single false positive within reach the curve is a vertical line: its height is the best that can be
        // said.
        return Math.min(1, lastRate > firstRate ? area / (lastRate - firstRate) : lastOverlap);
    }
}
