package io.diffusionad.data;

/**
 * From which overlap on a defect counts as found (sPRO of MVTec LOCO AD: Bergmann et al., IJCV 2022, equation 2).
 *
 * @param defect the defect's name
 * @param pixelValue the value that marks it in masks
 * @param threshold pixels, or a share of the defect's area when {@code relative}
 */
public record DefectSaturation(String defect, int pixelValue, double threshold, boolean relative) {
    /** The saturation area of a region, at least 1 pixel and at most the region. @param area the region's pixels */
    public double area(long area) {
        return Math.max(1, Math.min(area, relative ? threshold * area : threshold));
    }
}
