package io.diffusionad.app.command;

import io.diffusionad.AnomalyDetector;
import io.diffusionad.Detection;
import io.diffusionad.DetectorOptions;
import io.diffusionad.app.console.Console;
import io.diffusionad.error.InvalidInputException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** What {@code detect} decides by, and how it tells. */
final class DecisionChoice {
    @Option(
            names = "--threshold",
            paramLabel = "SCORE",
            description = "Images that score above it are defective (default: the one calibrated in training).")
    private Double threshold;

    @Option(
            names = "--pixel-threshold",
            paramLabel = "SCORE",
            description =
                    "Pixels that score at least this much belong to the mask (default: the one calibrated in training).")
    private Double pixelThreshold;

    @Mixin
    private FalseAlarmChoice falseAlarms;

    @Option(names = "--no-decision", description = "Scores alone, from a checkpoint that has no threshold too.")
    private boolean noDecision;

    /** @throws InvalidInputException for impossible numbers and contradictions */
    DetectorOptions applyTo(DetectorOptions options) {
        if (threshold != null && falseAlarms.rate().isPresent()) {
            throw new InvalidInputException("--threshold and --false-alarms contradict each other: give one of them");
        }
        return options.withThreshold(score("--threshold", threshold))
                .withPixelThreshold(score("--pixel-threshold", pixelThreshold))
                .withFalseAlarms(falseAlarms.rate().orElse(Double.NaN));
    }

    private static double score(String option, Double given) {
        if (given != null && !Double.isFinite(given)) {
            throw new InvalidInputException(option + " " + given + " is no score: choose a number, usually 0 to 1");
        }
        return given == null ? Double.NaN : given;
    }

    /**
     * Refuses a detector that cannot decide what is asked.
     *
     * @param regions whether masks or heat maps are asked for, which need a pixel threshold
     */
    void requireDecidable(AnomalyDetector detector, Path checkpoint, boolean regions) {
        if (Double.isNaN(detector.threshold()) && !noDecision) {
            throw new InvalidInputException(
                    checkpoint
                            + " has no threshold: it was never calibrated. Go on with train --resume if its training was"
                            + " interrupted, run  diffusionad calibrate --unseen  with good images, give --threshold SCORE, or --no-decision for scores alone");
        }
        if (Double.isNaN(detector.pixelThreshold()) && regions) {
            throw new InvalidInputException(
                    checkpoint + " has no pixel threshold, so masks and heat maps would mean nothing: run"
                            + "  diffusionad calibrate --unseen  with good images, give --pixel-threshold SCORE, or --write map,npy for the scores themselves");
        }
    }

    /** Notes what the threshold promises, and what speaks against trusting it. */
    void tell(Console console, AnomalyDetector detector) {
        if (threshold == null && !noDecision) {
            console.note(
                    "threshold %.4f: %s",
                    detector.threshold(), detector.calibration().promise());
        }
        if (!noDecision) {
            detector.card().warnings().forEach(warning -> console.note("warning: %s", warning));
        }
        if (detector.card().frames().isAny()) {
            console.note(
                    "frames that are no picture of the part (a covered lens, no light) are not recognised: the checkpoint was calibrated without them; run"
                            + "  diffusionad calibrate");
        }
    }

    /** Adds threshold, percentile, decision and its reason to a JSON line. */
    void describe(Map<String, Object> line, Detection detection) {
        if (!Double.isNaN(detection.percentile())) {
            line.put("percentile", detection.percentile());
        }
        if (!noDecision) {
            line.put("threshold", detection.threshold());
        }
        if (!noDecision || detection.invalidReason().isPresent()) {
            line.put("decision", detection.verdict().name().toLowerCase(Locale.ROOT));
        }
        detection.invalidReason().ifPresent(reason -> line.put("reason", reason));
    }
}
