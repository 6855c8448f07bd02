package io.diffusionad.evaluate;

import io.diffusionad.data.Category;
import io.diffusionad.data.TestImage;
import io.diffusionad.data.TestSample;
import io.diffusionad.data.mask.MaskReader;
import io.diffusionad.image.Preparation;
import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.metrics.Metrics;
import io.diffusionad.metrics.ScoredImage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/** Scores test sets with a pipeline. Results do not depend on the batch. One thread at a time. */
public final class Evaluator {
    private final DetectionPipeline pipeline;
    private final int batch;

    /** @param batch images computed at once */
    public Evaluator(DetectionPipeline pipeline, int batch) {
        this.pipeline = pipeline;
        this.batch = batch;
    }

    /**
     * Evaluates the test set of a category.
     *
     * @param masks reads that category's masks
     * @param preparation the model's
     * @param progress hears how many images are done
     * @throws io.diffusionad.error.InvalidInputException when there is no test set, or an image or a mask cannot be used
     */
    public Evaluation evaluate(Category category, MaskReader masks, Preparation preparation, LongConsumer progress) {
        int size = pipeline.imageSize();
        List<ImageResult> results = new ArrayList<>();
        List<TestImage> images = category.requireTest();
        for (int from = 0; from < images.size(); from += batch) {
            List<TestSample> samples = images.subList(from, Math.min(from + batch, images.size())).stream()
                    .map(image -> TestSample.load(image, masks, preparation, size)).toList();
            List<float[]> maps = pipeline.scoreMaps(samples.stream().map(sample -> sample.image().toFloats()).toList());
            for (int i = 0; i < maps.size(); i++) {
                TestSample sample = samples.get(i);
                results.add(new ImageResult(sample, sample.scored(maps.get(i))));
            }
            progress.accept(results.size());
        }
        return new Evaluation(category.name(), results, Metrics.evaluate(results.stream().map(ImageResult::scored).toList()));
    }
}
