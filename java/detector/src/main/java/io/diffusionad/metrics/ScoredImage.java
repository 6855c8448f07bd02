package io.diffusionad.metrics;

/**
 * One evaluated test image.
 *
 * @param width of score map and mask, pixels
 * @param height of score map and mask, pixels
 * @param imageScore higher = more anomalous; usually {@link ImageScore#of}
 * @param anomalous the truth about the whole image
 * @param scoreMap {@code height·width} finite scores, higher = more anomalous
 * @param mask {@code height·width} true where the truth is anomalous, or null if unknown (a good image then counts as
 *     all normal)
 */
public record ScoredImage(
        int width, int height, double imageScore, boolean anomalous, float[] scoreMap, boolean[] mask) {
    public ScoredImage {
        if (scoreMap.length != width * height || mask != null && mask.length != scoreMap.length) {
            throw new IllegalArgumentException(
                    "score map of " + scoreMap.length + (mask == null ? "" : " and mask of " + mask.length)
                            + " values for an image of " + width + "x" + height);
        }
        if (!Double.isFinite(imageScore)) {
            throw new IllegalArgumentException("the image score is " + imageScore + ", not a finite number");
        }
        for (float score : scoreMap) {
            if (!Float.isFinite(score)) {
                throw new IllegalArgumentException("the score map holds " + score + ", not a finite number");
            }
        }
    }

    /** Scores the image by {@link ImageScore#of} its map. */
    public static ScoredImage of(int width, int height, boolean anomalous, float[] scoreMap, boolean[] mask) {
        return new ScoredImage(width, height, ImageScore.of(scoreMap), anomalous, scoreMap, mask);
    }
}
