package io.diffusionad.evaluate;

import io.diffusionad.data.TestSample;
import io.diffusionad.metrics.ScoredImage;

/**
 * One evaluated test image.
 *
 * @param sample the image at the model's size, and the truth about it
 * @param scored its score map and score
 */
public record ImageResult(TestSample sample, ScoredImage scored) {
    public double score() {
        return scored.imageScore();
    }
}
