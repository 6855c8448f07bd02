package io.diffusionad.evaluate;

import io.diffusionad.metrics.MetricAccumulator;
import io.diffusionad.metrics.MetricSet;
import io.diffusionad.metrics.TestMetrics;

import java.util.List;

/**
 * A category's test set after evaluation. Score maps stay readable until this is closed; everything else outlives that.
 */
public final class Evaluation implements AutoCloseable {
    private final String category;
    private final List<ImageResult> images;
    private final TestMetrics measured;
    private final EvaluationOptions.Resolution resolution;
    private final MetricAccumulator maps;

    Evaluation(
            String category,
            List<ImageResult> images,
            EvaluationOptions.Resolution resolution,
            MetricAccumulator maps) {
        this.category = category;
        this.images = List.copyOf(images);
        this.measured = maps.metrics();
        this.resolution = resolution;
        this.maps = maps;
    }

    /** Its name. */
    public String category() {
        return category;
    }

    /** In the order of the test set. */
    public List<ImageResult> images() {
        return images;
    }

    /** How many pictures are none of the part. */
    public long invalid() {
        return images.stream()
                .filter(image -> image.invalidReason().isPresent())
                .count();
    }

    /** Over all images. */
    public MetricSet metrics() {
        return measured.all();
    }

    /** Metrics with decisions and by kind of defect. */
    public TestMetrics measured() {
        return measured;
    }

    /** At which pixels were measured. */
    public EvaluationOptions.Resolution resolution() {
        return resolution;
    }

    @Override
    public void close() {
        maps.close();
    }
}
