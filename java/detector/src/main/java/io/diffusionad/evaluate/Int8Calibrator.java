package io.diffusionad.evaluate;

import io.diffusionad.data.TrainingSample;
import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.nn.ActivationRanges;
import io.diffusionad.settings.Int8Calibration;

import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/**
 * Measures what a model needs to run in int8: activation ranges on good images, then the thresholds of the scores that
 * int8 gives.
 */
public final class Int8Calibrator {
    /** Good images whose activations are measured, at most; ranges hardly grow with more. */
    private static final int MEASURED = 16;

    private Int8Calibrator() {}

    /**
     * @param pipeline of the model in floating-point, on a device that computes int8
     * @param heldOut samples that were not trained on; ranges and thresholds are those of the ones without anomalies
     * @param trained good samples that were trained on, asked where too few are held out ({@link Calibrator})
     * @param rate of false alarms that is wished for
     * @param batch images scored at once
     * @param progress hears how many images are scored
     * @return {@link Int8Calibration#NONE} when there is no good image at all
     */
    public static Int8Calibration calibrate(
            DetectionPipeline pipeline,
            List<TrainingSample> heldOut,
            List<TrainingSample> trained,
            double rate,
            int batch,
            LongConsumer progress) {
        List<float[]> measured = Stream.concat(heldOut.stream(), trained.stream())
                .filter(sample -> !sample.anomalous())
                .limit(MEASURED)
                .map(TrainingSample::image)
                .toList();
        if (measured.isEmpty()) {
            return Int8Calibration.NONE;
        }
        ActivationRanges ranges = pipeline.measureRanges(measured);
        try (DetectionPipeline int8 = pipeline.inInt8(ranges)) {
            SampleScorer scorer = new SampleScorer(int8, batch);
            return new Int8Calibration(
                    ranges,
                    Calibrator.calibrate(
                            scorer.score(heldOut, progress),
                            () -> scorer.score(trained, done -> progress.accept(heldOut.size() + done)),
                            rate));
        }
    }
}
