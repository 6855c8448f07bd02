package io.diffusionad.app.report;

import io.diffusionad.settings.Calibration;
import io.diffusionad.settings.Evidence;
import io.diffusionad.settings.ModelCard;
import io.diffusionad.settings.Precision;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a report's decisions rest on.
 *
 * @param threshold images that score above it are called defective; NaN for none
 * @param pixelThreshold pixels that score at least this much are marked; NaN for none
 * @param facts where data, checkpoint and thresholds came from, by name
 * @param warnings why the decisions should not be trusted, a sentence each
 */
public record ReportSource(double threshold, double pixelThreshold, Map<String, String> facts, List<String> warnings) {
    public ReportSource {
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
        warnings = List.copyOf(warnings);
    }

    /** @param precision that scores are computed in; @param data the folder of the test set */
    public static ReportSource of(ModelCard card, Precision precision, Path checkpoint, Path data) {
        Calibration calibration = card.thresholds(precision);
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("Test pictures", data.toAbsolutePath().normalize().toString());
        facts.put(
                "Checkpoint",
                checkpoint.toAbsolutePath().normalize() + ", trained on " + card.category() + ", " + card.step()
                        + " steps, seed " + card.seed());
        facts.put("Trained on", trainedOn(card.evidence()));
        facts.put(
                "Model",
                card.model().imageSize() + "x" + card.model().imageSize() + " pixels, guidance weight "
                        + card.model().diffusion().guidance());
        if (Double.isNaN(calibration.threshold())) {
            facts.put("Threshold", "none: the checkpoint was never calibrated, and nothing is decided");
        } else {
            facts.put(
                    "Threshold",
                    number(calibration.threshold()) + " a picture, " + number(calibration.pixelThreshold())
                            + " a pixel, from "
                            + calibration.images()
                            + " good pictures");
            facts.put("False alarms", calibration.promise());
        }
        return new ReportSource(calibration.threshold(), calibration.pixelThreshold(), facts, card.warnings());
    }

    private static String trainedOn(Evidence evidence) {
        if (evidence.trainedImages() == 0) {
            return "the checkpoint does not say how many pictures";
        }
        return evidence.trainedImages() + " good pictures, " + evidence.heldOutImages() + " held out"
                + (Double.isNaN(evidence.auroc())
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                "; image AUROC %.3f between those and synthetic defects",
                                evidence.auroc()));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
