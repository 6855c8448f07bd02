package io.diffusionad.metrics;

/**
 * One annotated defect of which a part is enough: saturated per-region overlap counts it as found as soon as the found
 * pixels reach its saturation (Bergmann et al., "Beyond Dents and Scratches", IJCV 2022). A defect is one annotation
 * and need not be connected; defects of an image may overlap.
 *
 * @param mask {@code height·width} true where the defect is, at the resolution of the score map; not copied
 * @param saturation pixels of that resolution, or a share of the defect's own area; positive
 * @param relative whether it is a share
 */
public record SaturatedRegion(boolean[] mask, double saturation, boolean relative) {
    public SaturatedRegion {
        if (!(saturation > 0)) {
            throw new IllegalArgumentException("a saturation of " + saturation);
        }
    }

    /** Pixels that suffice of a defect of {@code area} pixels: whole ones, at least one, at most all. */
    long saturationArea(long area) {
        return Math.max(1, Math.min(area, (long) (relative ? saturation * area : saturation)));
    }
}
