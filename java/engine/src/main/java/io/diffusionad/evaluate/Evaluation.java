package io.diffusionad.evaluate;

import io.diffusionad.metrics.MetricSet;
import java.util.List;

/**
 * A category's test set after evaluation.
 *
 * @param category its name
 * @param images in the order of the test set
 * @param metrics over all of them
 */
public record Evaluation(String category, List<ImageResult> images, MetricSet metrics) {
    public Evaluation {
        images = List.copyOf(images);
    }
}
