package io.diffusionad.metrics;

import java.util.List;

/**
 * Per-region overlap (PRO): how much of each true region is found, averaged over regions so that small defects weigh as much as large ones, against
 * the false-positive rate of the normal pixels (Bergmann et al., CVPR 2020). As the reference computes it: thresholds {@code max - k·(max - min)/1000}
 * for k = 0…999, a pixel found when its score is <b>above</b> the threshold, the curve up to a false-positive rate of 0.3, that part rescaled to [0, 1],
 * area by trapezoids.
 *
 * <p>Each pixel is put into the bin of the first threshold that finds it, so the cost is O(pixels · log thresholds), not pixels times thresholds.
 */
public final class PerRegionOverlap {
    public static final int THRESHOLDS = 1000;
    public static final double MAX_FALSE_POSITIVE_RATE = 0.3;

    private PerRegionOverlap() { }

    /** The normalised area; NaN when no pixel is anomalous or none is normal. Images without a mask count as normal throughout. */
    public static double of(List<ScoredImage> images) {
        double[] thresholds = thresholds(images);
        double[] overlap = new double[THRESHOLDS];
        long[] falsePositives = new long[THRESHOLDS];
        long regionCount = 0;
        long normalPixels = 0;
        for (ScoredImage image : images) {
            ConnectedRegions regions = image.mask() == null ? null : ConnectedRegions.of(image.mask(), image.width(), image.height());
            regionCount += regions == null ? 0 : regions.count();
            for (int i = 0; i < image.scoreMap().length; i++) {
                int region = regions == null ? -1 : regions.regionOf(i);
                int bin = firstThresholdBelow(thresholds, image.scoreMap()[i]);
                if (region < 0) {
                    normalPixels++;
                }
                if (bin < THRESHOLDS) {
                    if (region < 0) {
                        falsePositives[bin]++;
                    } else {
                        overlap[bin] += 1.0 / regions.area(region);
                    }
                }
            }
        }
        if (regionCount == 0 || normalPixels == 0) {
            return Double.NaN;
        }
        return area(overlap, falsePositives, regionCount, normalPixels);
    }

    private static double[] thresholds(List<ScoredImage> images) {
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        for (ScoredImage image : images) {
            for (float score : image.scoreMap()) {
                min = Math.min(min, score);
                max = Math.max(max, score);
            }
        }
        double[] thresholds = new double[THRESHOLDS];
        double step = (max - min) / THRESHOLDS;
        for (int k = 0; k < THRESHOLDS; k++) {
            thresholds[k] = max - k * step;
        }
        return thresholds;
    }

    /** The smallest k with {@code score > thresholds[k]}, or {@link #THRESHOLDS} if there is none; thresholds descend. */
    private static int firstThresholdBelow(double[] thresholds, double score) {
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

    private static double area(double[] overlap, long[] falsePositives, long regionCount, long normalPixels) {
        double area = 0;
        double found = overlap[0];
        long wrong = falsePositives[0];
        double firstRate = (double) wrong / normalPixels;
        if (firstRate > MAX_FALSE_POSITIVE_RATE) {
            return 0;
        }
        double lastRate = firstRate;
        double lastOverlap = found / regionCount;
        for (int k = 1; k < THRESHOLDS; k++) {
            found += overlap[k];
            wrong += falsePositives[k];
            double rate = (double) wrong / normalPixels;
            if (rate > MAX_FALSE_POSITIVE_RATE) {
                break;
            }
            area += (rate - lastRate) * 0.5 * (found / regionCount + lastOverlap);
            lastRate = rate;
            lastOverlap = found / regionCount;
        }
        // Without a single false positive within reach the curve is a vertical line: its height is the best that can be said.
        return lastRate > firstRate ? area / (lastRate - firstRate) : lastOverlap;
    }
}
