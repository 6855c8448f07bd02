package io.diffusionad.app.run;

import io.diffusionad.checkpoint.DetectorModel;
import io.diffusionad.data.Category;
import io.diffusionad.data.TrainingImages;
import io.diffusionad.data.TrainingSample;
import io.diffusionad.data.mask.MaskReader;
import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.device.Device;
import io.diffusionad.evaluate.Calibrator;
import io.diffusionad.evaluate.Evaluation;
import io.diffusionad.evaluate.EvaluationOptions;
import io.diffusionad.evaluate.Evaluator;
import io.diffusionad.evaluate.EvidenceCollector;
import io.diffusionad.evaluate.Int8Calibrator;
import io.diffusionad.evaluate.SampleScorer;
import io.diffusionad.evaluate.ScoredSample;
import io.diffusionad.evaluate.ValidationSet;
import io.diffusionad.frame.FrameRange;
import io.diffusionad.frame.FrameStatistics;
import io.diffusionad.image.Preparation;
import io.diffusionad.image.RgbImage;
import io.diffusionad.metrics.MetricSet;
import io.diffusionad.metrics.Metrics;
import io.diffusionad.settings.Calibration;
import io.diffusionad.settings.Evidence;
import io.diffusionad.settings.Int8Calibration;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.tensor.DType;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Judges a model in training: on held-out images with synthetic anomalies, or on the test set. The networks are only
 * read.
 */
final class Judge implements AutoCloseable {
    private final Device device;
    private final DetectorModel model;
    private final DetectionPipeline pipeline;
    private final Evaluator evaluator;
    private final Preparation preparation;
    private final SampleScorer scorer;
    private final ValidationSet validation;
    private final TrainingImages trained;
    private final double falseAlarms;
    private final int batch;

    private Scored scored;

    private record Scored(long unetVersion, long segmentationVersion, List<ScoredSample> samples) {}

    /**
     * What a judgement found.
     *
     * @param score higher is better: the mean of image AUROC and pixel average precision
     */
    record Verdict(double score, MetricSet metrics) {}

    /**
     * What a calibration found.
     *
     * @param thresholds of scores in floating-point
     * @param frames what frames of the part look like
     * @param evidence how well held-out good images are told from those with synthetic anomalies
     */
    record Calibrated(Calibration thresholds, FrameRange frames, Evidence evidence) {}

    /**
     * @param validation held-out samples, possibly none
     * @param trained good images that the model trains on: for the look of frames, and some of them for thresholds
     *     where few are held out
     * @param falseAlarms rate of false alarms that is wished for
     * @param batch images scored at once; {@link TrainingPlan} counts their memory
     */
    Judge(
            Device device,
            DetectorModel model,
            ModelSettings settings,
            DType activations,
            ValidationSet validation,
            TrainingImages trained,
            double falseAlarms,
            int batch) {
        this.model = model;
        this.pipeline = new DetectionPipeline(
                device,
                model.unet(),
                model.segmentation(),
                settings.diffusion(),
                activations,
                DetectionPipeline.DEFAULT_SEED);
        this.evaluator = new Evaluator(pipeline, batch);
        this.preparation = settings.preparation();
        this.scorer = new SampleScorer(pipeline, batch);
        this.falseAlarms = falseAlarms;
        this.device = device;
        this.batch = batch;
        this.validation = validation;
        this.trained = trained;
    }

    DetectionPipeline pipeline() {
        return pipeline;
    }

    boolean hasValidation() {
        return !validation.samples().isEmpty();
    }

    /** On held-out samples. */
    Verdict onValidation(LongConsumer progress) {
        return verdict(Metrics.evaluate(
                heldOut(progress).stream().map(ScoredSample::scored).toList()));
    }

    Verdict onTest(Category category, MaskReader masks, LongConsumer progress) {
        try (Evaluation evaluation = evaluator.evaluate(category, masks, preparation, progress)) {
            return verdict(evaluation.metrics());
        }
    }

    /** The model's decision thresholds, and what they rest on. */
    Calibrated calibrate(LongConsumer progress) {
        List<ScoredSample> judged = heldOut(progress);
        int before = validation.samples().size();
        List<ScoredSample> all = new ArrayList<>(judged);
        all.addAll(scorer.score(validation.further(), done -> progress.accept(before + done)));
        Calibration thresholds = Calibrator.calibrate(
                all,
                () -> {
                    all.addAll(scorer.score(
                            calibrating(),
                            done -> progress.accept(
                                    before + validation.further().size() + done)));
                    return all.subList(before + validation.further().size(), all.size());
                },
                falseAlarms);
        return new Calibrated(
                thresholds,
                Calibrator.frames(
                        all, trained.images().stream().map(Judge::look).toList()),
                EvidenceCollector.collect(trained.count(), validation.good().size(), judged, thresholds.threshold()));
    }

    private static FrameStatistics look(RgbImage image) {
        return FrameStatistics.of(image.toFloats(), image.width(), image.height(), Double.NaN);
    }

    private List<TrainingSample> calibrating() {
        return GoodImages.some(trained.good(0, trained.count()));
    }

    /** The held-out samples' scores, computed once for each state of the networks. */
    private List<ScoredSample> heldOut(LongConsumer progress) {
        long unetVersion = model.unet().parameters().version();
        long segmentationVersion = model.segmentation().parameters().version();
        if (scored == null || scored.unetVersion != unetVersion || scored.segmentationVersion != segmentationVersion) {
            scored = new Scored(unetVersion, segmentationVersion, scorer.score(validation.samples(), progress));
        }
        return scored.samples;
    }

    /** What the model needs to run in int8; none on a device that cannot. */
    Int8Calibration calibrateInt8(LongConsumer progress) {
        if (!device.computesInt8()) {
            return Int8Calibration.NONE;
        }
        int before = scoredImages();
        return Int8Calibrator.calibrate(
                pipeline, validation.good(), calibrating(), falseAlarms, batch, done -> progress.accept(before + done));
    }

    Evaluation evaluate(Category category, MaskReader masks, EvaluationOptions options, LongConsumer progress) {
        return evaluator.evaluate(category, masks, preparation, options, progress);
    }

    /**
     * Images that {@link #calibrate} and {@link #calibrateInt8} score, those that need not be scored again included.
     */
    int calibrationImages() {
        return device.computesInt8() ? 2 * scoredImages() : scoredImages();
    }

    private int scoredImages() {
        return validation.samples().size()
                + validation.further().size()
                + (validation.good().size() < Calibration.ENOUGH_HELD_OUT
                        ? calibrating().size()
                        : 0);
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
