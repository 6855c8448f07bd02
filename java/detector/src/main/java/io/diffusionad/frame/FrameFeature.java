package io.diffusionad.frame;

/**
 * What is measured of a whole frame at the model's size. Levels lie in [0, 1]. Ranges are widened by {@link #below} and
 * {@link #above}, at least: as differences for {@link #additive} features, as factors for the others. The width lets
 * every light through under which a detector may still be asked.
 */
enum FrameFeature {
    RED("red level", true, 0.12, 0.12),
    GREEN("green level", true, 0.12, 0.12),
    BLUE("blue level", true, 0.12, 0.12),
    /** Standard deviation of luma: 0 for a covered lens. */
    CONTRAST("contrast", false, 2, 3),
    /** Root mean square of luma's Laplacian: falls when a lens is out of focus, rises in noise. */
    SHARPNESS("sharpness", false, 2.5, 2.5),
    /**
     * Largest autocorrelation of luma at 1 to 8 pixels along rows or columns: near 1 in pictures, near 0 in noise
     * whatever its strength.
     */
    COHERENCE("correlation of near pixels", false, 2.5, 2),
    /** Share of the values at black or white. */
    CLIPPED("share of black or white values", true, 1, 0.25),
    /** Mean distance between frame and reconstruction: rises where the detector has learnt nothing. */
    RESIDUAL("reconstruction error", false, Double.POSITIVE_INFINITY, 3);

    final String words;
    final boolean additive;
    final double below;
    final double above;

    FrameFeature(String words, boolean additive, double below, double above) {
        this.words = words;
        this.additive = additive;
        this.below = below;
        this.above = above;
    }

    String key() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
