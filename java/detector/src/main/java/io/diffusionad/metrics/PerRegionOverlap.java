package io.diffusionad.metrics;

import java.util.List;

/**
 * Per-region overlap (PRO): how much of each true region is found, averaged over regions so that small defects weigh as
 * much as large ones, against the false-positive rate of the normal pixels (Bergmann et al., "The MVTec Anomaly
 * Detection Dataset", IJCV 2021). Exact: every distinct score is a threshold.
 */
public final class PerRegionOverlap {
    private PerRegionOverlap() {}

    /**
     * {@link Metric#AU_PRO_30}; NaN when no pixel is anomalous or none is normal. Images without a mask count as normal
     * throughout.
     */
    public static double of(List<ScoredImage> images) {
        return area(images, PixelCurve.LIMIT_30);
    }

    /** {@link Metric#AU_PRO_05}, otherwise as {@link #of}. */
    public static double upToFivePerCent(List<ScoredImage> images) {
        return area(images, PixelCurve.LIMIT_05);
    }

    private static double area(List<ScoredImage> images, double limit) {
        PixelCurve curve = Metrics.pixelCurve(images);
        return curve.isDefined() ? curve.auPro(limit) : Double.NaN;
    }
}
