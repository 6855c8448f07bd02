package io.diffusionad.metrics;

/**
 * What is kept of an image once its map is put aside.
 *
 * @param score of the image
 * @param hits anomalous pixels at or above the pixel threshold, 0 without one
 * @param found pixels at or above it
 * @param marked anomalous pixels; -1 where nobody knows
 */
record ImageTruth(String name, String kind, boolean anomalous, double score, long hits, long found, long marked) {
    static ImageTruth of(String name, String kind, ScoredImage image, double pixelThreshold) {
        long hits = 0;
        long found = 0;
        long marked = image.mask() == null && image.anomalous() ? -1 : 0;
        for (int i = 0; i < image.scoreMap().length; i++) {
            boolean above = image.scoreMap()[i] >= pixelThreshold;
            found += above ? 1 : 0;
            if (image.mask() != null && image.mask()[i]) {
                marked++;
                hits += above ? 1 : 0;
            }
        }
        return new ImageTruth(name, kind, image.anomalous(), image.imageScore(), hits, found, marked);
    }
}
