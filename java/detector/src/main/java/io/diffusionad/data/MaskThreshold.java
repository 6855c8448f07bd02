package io.diffusionad.data;

/** When a pixel of a resized ground-truth mask counts as anomalous. */
public enum MaskThreshold {
    /** At 0.5 or more of full white. */
    HALF(128),
    /**
     * Only at full white: the reference casts the resized mask to whole numbers, which loses the soft rim of every
     * region.
     */
    REFERENCE(255);

    private final int smallest;

    MaskThreshold(int smallest) {
        this.smallest = smallest;
    }

    /** @param grey 0…255 */
    public boolean isAnomalous(int grey) {
        return grey >= smallest;
    }
}
