package io.diffusionad.app.run;

import io.diffusionad.checkpoint.DetectorModel;
import io.diffusionad.data.Category;
import io.diffusionad.data.TrainingSample;
import io.diffusionad.data.mask.MaskReader;
import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.device.Device;
import io.diffusionad.evaluate.Calibrator;
import io.diffusionad.evaluate.Evaluation;
import io.diffusionad.evaluate.Evaluator;
import io.diffusionad.image.Preparation;
import io.diffusionad.evaluate.Int8Calibrator;
import io.diffusionad.metrics.MetricSet;
import io.diffusionad.metrics.Metrics;
import io.diffusionad.metrics.ScoredImage;
import io.diffusionad.settings.Int8Calibration;
import io.diffusionad.settings.Calibration;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.tensor.DType;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/** Judges a model in training: on held-out images with synthetic anomalies, or on the test set. The networks are only read. */
final class Judge implements AutoCloseable {
    private final Device device;
    private final DetectorModel model;
    private final DetectionPipeline pipeline;
    private final Evaluator evaluator;
    private final Preparation preparation;
    private final List<TrainingSample> validation;
    private final Supplier<List<TrainingSample>> trained;
    private final int batch;

    private Scored scored;

    private record Scored(long unetVersion, long segmentationVersion, List<ScoredImage> images) { }

    /**
     * What a judgement found.
     *
     * @param score higher is better: the mean of image AUROC and pixel average precision
     */
    record Verdict(double score, MetricSet metrics) { }

    /**
     * @param validation held-out samples, possibly none
     * @param trained good images that the model trains on, for thresholds where few are held out
     * @param batch images scored at once; {@link TrainingPlan} counts their memory
     */
    Judge(Device device, DetectorModel model, ModelSettings settings, DType activations, List<TrainingSample> validation,
          Supplier<List<TrainingSample>> trained, int batch) {
        this.model = model;
        this.pipeline = new DetectionPipeline(device, model.unet(), model.segmentation(), settings.diffusion(), activations, DetectionPipeline.DEFAULT_SEED);
        this.evaluator = new Evaluator(pipeline, batch);
        this.preparation = settings.preparation();
        this.device = device;
        this.batch = batch;
        this.validation = validation;
        this.trained = trained;
    }

    DetectionPipeline pipeline() {
        return pipeline;
    }

    boolean hasValidation() {
        return !validation.isEmpty();
    }

    /** On held-out samples. */
    Verdict onValidation(LongConsumer progress) {
        return verdict(Metrics.evaluate(heldOut(progress)));
    }

    Verdict onTest(Category category, MaskReader masks, LongConsumer progress) {
        return verdict(evaluate(category, masks, progress).metrics());
    }

    /** The model's decision thresholds. */
    Calibration calibrate(LongConsumer progress) {
        return Calibrator.calibrate(heldOut(progress), () -> evaluator.score(trained.get(), done -> progress.accept(validation.size() + done)));
    }

    /** The held-out samples' scores, computed once for each state of the networks. */
    private List<ScoredImage> heldOut(LongConsumer progress) {
        long unetVersion = model.unet().parameters().version();
        long segmentationVersion = model.segmentation().parameters().version();
        if (scored == null || scored.unetVersion != unetVersion || scored.segmentationVersion != segmentationVersion) {
            scored = new Scored(unetVersion, segmentationVersion, evaluator.score(validation, progress));
        }
        return scored.images;
    }

    /** What the model needs to run in int8; none on a device that cannot. */
    Int8Calibration calibrateInt8(LongConsumer progress) {
        if (!device.computesInt8()) {
            return Int8Calibration.NONE;
        }
        int before = scoredImages();
        return Int8Calibrator.calibrate(pipeline, validation, trained.get(), batch, done -> progress.accept(before + done));
    }

    Evaluation evaluate(Category category, MaskReader masks, LongConsumer progress) {
        return evaluator.evaluate(category, masks, preparation, progress);
    }

    /** Images that {@link #calibrate} and {@link #calibrateInt8} score, those that need not be scored again included. */
    int calibrationImages() {
        return device.computesInt8() ? 2 * scoredImages() : scoredImages();
    }

    private int scoredImages() {
        int good = (int) validation.stream().filter(sample -> !sample.anomalous()).count();
        return validation.size() + (good < Calibrator.ENOUGH_HELD_OUT ? trained.get().size() : 0);
    }

    @Override
    public void close() {
        pipeline.close();
    }

    /** A metric that the samples do not allow counts as 0. */
    private static Verdict verdict(MetricSet metrics) {
        return new Verdict((orZero(metrics.imageAuroc()) + orZero(metrics.pixelAp())) / 2, metrics);
    }

    private static double orZero(double metric) {
        return Double.isNaN(metric) ? 0 : metric;
    }
}
