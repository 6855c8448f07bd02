package io.diffusionad.app.run;

import io.diffusionad.checkpoint.DetectorModel;
import io.diffusionad.data.Category;
import io.diffusionad.data.MaskThreshold;
import io.diffusionad.data.TrainingSample;
import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.device.Device;
import io.diffusionad.evaluate.Calibrator;
import io.diffusionad.evaluate.Evaluation;
import io.diffusionad.evaluate.Evaluator;
import io.diffusionad.metrics.MetricSet;
import io.diffusionad.metrics.Metrics;
import io.diffusionad.metrics.ScoredImage;
import io.diffusionad.settings.ModelCard.Calibration;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.tensor.DType;
import java.util.List;
import java.util.function.LongConsumer;

/** Judges a model in training: on held-out images with synthetic anomalies, or on the test set. The networks are only read. */
final class Judge implements AutoCloseable {
    private final DetectionPipeline pipeline;
    private final Evaluator evaluator;
    private final List<TrainingSample> validation;

    /**
     * What a judgement found.
     *
     * @param score higher is better: the mean of image AUROC and pixel average precision
     * @param calibration thresholds from the held-out normal images
     */
    record Verdict(double score, MetricSet metrics, Calibration calibration) { }

    /** @param validation held-out samples, possibly none */
    Judge(Device device, DetectorModel model, ModelSettings settings, DType activations, List<TrainingSample> validation, int batch) {
        this.pipeline = new DetectionPipeline(device, model.unet(), model.segmentation(), settings.diffusion(), activations, DetectionPipeline.DEFAULT_SEED);
        this.evaluator = new Evaluator(pipeline, batch);
        this.validation = validation;
    }

    DetectionPipeline pipeline() {
        return pipeline;
    }

    boolean hasValidation() {
        return !validation.isEmpty();
    }

    /** On held-out samples. */
    Verdict onValidation() {
        List<ScoredImage> scored = evaluator.score(validation);
        MetricSet metrics = Metrics.evaluate(scored);
        return new Verdict(score(metrics), metrics, Calibrator.calibrate(scored));
    }

    /** On the test set; thresholds still come from held-out images. */
    Verdict onTest(Category category, MaskThreshold threshold) {
        MetricSet metrics = evaluate(category, threshold, done -> { }).metrics();
        return new Verdict(score(metrics), metrics, hasValidation() ? Calibrator.calibrate(evaluator.score(validation)) : Calibration.NONE);
    }

    Evaluation evaluate(Category category, MaskThreshold threshold, LongConsumer progress) {
        return evaluator.evaluate(category, threshold, progress);
    }

    @Override
    public void close() {
        pipeline.close();
    }

    /** A metric that the samples do not allow counts as 0. */
    private static double score(MetricSet metrics) {
        return (orZero(metrics.imageAuroc()) + orZero(metrics.pixelAp())) / 2;
    }

    private static double orZero(double metric) {
        return Double.isNaN(metric) ? 0 : metric;
    }
}
