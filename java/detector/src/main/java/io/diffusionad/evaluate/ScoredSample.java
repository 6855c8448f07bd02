package io.diffusionad.evaluate;

import io.diffusionad.frame.FrameStatistics;
import io.diffusionad.metrics.ScoredImage;

/**
 * A scored sample whose truth is known from its making.
 *
 * @param scored its score map and score
 * @param frame what it looks like as a whole, and how far it lies from its reconstruction
 */
public record ScoredSample(ScoredImage scored, FrameStatistics frame) {
    public boolean anomalous() {
        return scored.anomalous();
    }

    public double score() {
        return scored.imageScore();
    }
}
