package io.diffusionad.metrics;

/**
 * All metrics of pixels from one walk over the distinct scores, highest first. A threshold that adds no anomalous pixel
 * changes neither recall nor overlap, so only scores of anomalous pixels are steps; the normal pixels between two of
 * them are one flat stretch of every curve.
 *
 * <p>AUROC and average precision are scikit-learn's. The area under the per-region overlap is that of MVTec AD's
 * publisher: one point of the curve for each distinct score, straight lines between points, from (0, 0) up to the limit
 * with interpolation there, divided by the limit. Sums are float64.
 */
final class PixelCurve {
    static final double LIMIT_30 = 0.3;
    static final double LIMIT_05 = 0.05;

    private final double anomalousPixels;
    private final double normalPixels;
    private final Overlap pro;
    private final Overlap spro;
    private double found;
    private double wrong;
    private double rocArea;
    private double precisionSum;
    private double bestF1;

    /**
     * @param regions connected regions; at least one unless there is no anomalous pixel
     * @param defects annotated defects with saturation, 0 for none
     */
    PixelCurve(double anomalousPixels, double normalPixels, double regions, double defects) {
        this.anomalousPixels = anomalousPixels;
        this.normalPixels = normalPixels;
        this.pro = new Overlap(regions);
        this.spro = defects == 0 ? null : new Overlap(defects);
    }

    /**
     * The next lower score of an anomalous pixel.
     *
     * @param normalAbove normal pixels that score less than the step before and more than this one
     * @param normalAt normal pixels with exactly this score
     * @param anomalousAt anomalous pixels with this score
     * @param overlapAt what they add to the sum of the regions' overlaps
     * @param saturatedAt what they add to the sum of the defects' saturated overlaps
     */
    void step(double normalAbove, double normalAt, double anomalousAt, double overlapAt, double saturatedAt) {
        pro.step(normalAbove, normalAt, overlapAt);
        if (spro != null) {
            spro.step(normalAbove, normalAt, saturatedAt);
        }
        rocArea += normalAbove * found + normalAt * (found + 0.5 * anomalousAt);
        found += anomalousAt;
        wrong += normalAbove + normalAt;
        precisionSum += anomalousAt == 0 ? 0 : anomalousAt * (found / (found + wrong));
        bestF1 = Math.max(bestF1, 2 * found / (found + wrong + anomalousPixels));
    }

    /**
     * Normal pixels below the last step are what is left. @return whether every metric is defined: there are pixels of
     * both kinds
     */
    boolean isDefined() {
        return anomalousPixels > 0 && normalPixels > 0;
    }

    double auroc() {
        return capped((rocArea + (normalPixels - wrong) * found) / (anomalousPixels * normalPixels));
    }

    double averagePrecision() {
        return capped(precisionSum / anomalousPixels);
    }

    double f1Max() {
        return bestF1;
    }

    /** @param limit {@link #LIMIT_30} or {@link #LIMIT_05} */
    double auPro(double limit) {
        return pro.area(limit);
    }

    /** As {@link #auPro}, of defects with saturation; NaN where there are none. */
    double auSpro(double limit) {
        return spro == null ? Double.NaN : spro.area(limit);
    }

    /** Rounding of long sums may end a little above 1. */
    private static double capped(double value) {
        return Math.min(1, value);
    }

    /** One overlap curve against the false-positive rate, and its areas up to both limits. */
    private final class Overlap {
        private final double regions;
        private double sum;
        private double at;
        private double area30;
        private double area05;

        Overlap(double regions) {
            this.regions = regions;
        }

        void step(double normalAbove, double normalAt, double more) {
            line(normalAbove, sum, sum);
            line(normalAt, sum, sum + more);
            sum += more;
        }

        private void line(double width, double from, double to) {
            if (width > 0) {
                area30 += clipped(width, from, to, LIMIT_30 * normalPixels);
                area05 += clipped(width, from, to, LIMIT_05 * normalPixels);
                at += width;
            }
        }

        /** The area under a straight line from the current position on, as far as it lies below the limit. */
        private double clipped(double width, double from, double to, double limit) {
            double within = Math.min(width, limit - at);
            return within <= 0 ? 0 : within * (from + 0.5 * (to - from) * (within / width));
        }

        double area(double limit) {
            double rest = Math.max(0, limit * normalPixels - at) * sum;
            return capped(((limit == LIMIT_30 ? area30 : area05) + rest) / (regions * limit * normalPixels));
        }
    }
}
