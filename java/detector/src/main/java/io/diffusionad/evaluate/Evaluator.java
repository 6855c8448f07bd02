package io.diffusionad.evaluate;

import io.diffusionad.data.Category;
import io.diffusionad.data.TestImage;
import io.diffusionad.data.mask.MaskReader;
import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.detect.Scored;
import io.diffusionad.frame.FrameRange;
import io.diffusionad.frame.FrameStatistics;
import io.diffusionad.image.Preparation;
import io.diffusionad.metrics.MetricAccumulator;

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

    /** As below at the model's resolution and without thresholds. */
    public Evaluation evaluate(Category category, MaskReader masks, Preparation preparation, LongConsumer progress) {
        return evaluate(
                category, masks, preparation, EvaluationOptions.builder().build(), progress);
    }

    /**
     * Evaluates the test set of a category. Memory does not grow with the number of images or their pixels.
     *
     * @param masks reads that category's masks
     * @param preparation the model's
     * @param progress hears how many images are done
     * @return to be closed
     * @throws io.diffusionad.error.InvalidInputException when there is no test set, an image or a mask cannot be used,
     *     or the temporary file cannot be written
     */
    public Evaluation evaluate(
            Category category,
            MaskReader masks,
            Preparation preparation,
            EvaluationOptions options,
            LongConsumer progress) {
        List<TestImage> images = category.requireTest();
        MetricAccumulator metrics = new MetricAccumulator(
                options.temporaryFolder(),
                options.thresholds().threshold(),
                options.thresholds().pixelThreshold());
        TestTruth truth = new TestTruth(category, masks, preparation, pipeline.imageSize());
        try {
            List<ImageResult> results = new ArrayList<>();
            for (int from = 0; from < images.size(); from += batch) {
                results.addAll(
                        evaluate(images.subList(from, Math.min(from + batch, images.size())), truth, options, metrics));
                progress.accept(results.size());
            }
            return new Evaluation(category.name(), results, options.resolution(), metrics);
        } catch (RuntimeException | Error e) {
            metrics.close();
            throw e;
        }
    }

    /** Null for a picture of the part. */
    private String invalid(FrameRange frames, float[] image, double residual) {
        int size = pipeline.imageSize();
        return frames.isAny()
                ? null
                : frames.complaint(FrameStatistics.of(image, size, size, residual))
                        .orElse(null);
    }

    private List<ImageResult> evaluate(
            List<TestImage> files, TestTruth truth, EvaluationOptions options, MetricAccumulator metrics) {
        List<TestTruth.Picture> pictures = files.stream().map(truth::read).toList();
        List<float[]> inputs = pictures.stream()
                .map(picture -> picture.sample().image().toFloats())
                .toList();
        List<Scored> scored = pipeline.score(inputs);
        List<ImageResult> results = new ArrayList<>();
        for (int i = 0; i < scored.size(); i++) {
            int index = metrics.size();
            double score = truth.add(pictures.get(i), scored.get(i).scoreMap(), options.resolution(), metrics);
            TestImage file = files.get(i);
            results.add(new ImageResult(
                    file,
                    score,
                    invalid(options.frames(), inputs.get(i), scored.get(i).residual()),
                    () -> truth.read(file).sample(),
                    () -> metrics.scoreMap(index)));
        }
        return results;
    }
}
