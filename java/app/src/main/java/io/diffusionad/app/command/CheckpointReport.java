package io.diffusionad.app.command;

import io.diffusionad.app.console.Console;
import io.diffusionad.metrics.DecisionThreshold;
import io.diffusionad.settings.Calibration;
import io.diffusionad.settings.ModelCard;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a checkpoint says of itself: what it was trained on, how it decides, and what that is worth. */
final class CheckpointReport {
    private CheckpointReport() {}

    static void print(Console console, Path file, ModelCard card) {
        int size = card.model().imageSize();
        console.print(
                "%s: trained on %s, %d steps, seed %d, %dx%d pixels",
                file, card.category(), card.step(), card.seed(), size, size);
        if (card.evidence().trainedImages() > 0) {
            console.print(
                    "  pictures: %d trained, %d held out",
                    card.evidence().trainedImages(), card.evidence().heldOutImages());
        }
        print(console, "", card.calibration());
        if (card.int8().isPresent()) {
            print(console, "int8 ", card.int8().thresholds());
        }
        if (!Double.isNaN(card.evidence().auroc())) {
            console.print(
                    "  held-out synthetic defects: image AUROC %.3f, %.0f %% above the threshold",
                    card.evidence().auroc(), 100 * card.evidence().found());
        }
        if (card.frames().isAny()) {
            console.print("  frames: none is invalid, their look was not measured");
        } else {
            console.print(
                    "  frames are valid with %s",
                    String.join(", ", card.frames().lines()));
        }
        card.warnings().forEach(warning -> console.print("  warning: %s", warning));
    }

    private static void print(Console console, String precision, Calibration calibration) {
        console.print(
                "  %sthreshold %.4f, pixels %.4f: %s",
                precision, calibration.threshold(), calibration.pixelThreshold(), calibration.promise());
    }

    /** The same for programs; numbers that are unknown are left out. */
    static Map<String, Object> describe(Path file, ModelCard card) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("file", file.toString());
        report.put("category", card.category());
        report.put("step", card.step());
        report.put("seed", card.seed());
        report.put("imageSize", card.model().imageSize());
        report.put("trainedImages", card.evidence().trainedImages());
        report.put("heldOutImages", card.evidence().heldOutImages());
        report.put("calibration", describe(card.calibration()));
        if (card.int8().isPresent()) {
            report.put("int8Calibration", describe(card.int8().thresholds()));
        }
        put(report, "syntheticAuroc", card.evidence().auroc());
        put(report, "syntheticFound", card.evidence().found());
        report.put("frames", card.frames().byKey());
        report.put("warnings", card.warnings());
        return report;
    }

    private static Map<String, Object> describe(Calibration calibration) {
        Map<String, Object> report = new LinkedHashMap<>();
        put(report, "threshold", calibration.threshold());
        put(report, "pixelThreshold", calibration.pixelThreshold());
        report.put("images", calibration.images());
        put(report, "wishedFalseAlarms", calibration.rate());
        if (calibration.decision().isPresent()) {
            DecisionThreshold decision = calibration.decision().get();
            report.put("promisedFalseAlarms", decision.promisedRate());
            report.put("falseAlarmInterval", List.of(decision.interval()[0], decision.interval()[1]));
        }
        report.put("promise", calibration.promise());
        return report;
    }

    private static void put(Map<String, Object> report, String key, double number) {
        if (!Double.isNaN(number)) {
            report.put(key, number);
        }
    }
}
