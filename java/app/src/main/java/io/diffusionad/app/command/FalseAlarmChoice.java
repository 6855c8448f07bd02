package io.diffusionad.app.command;

import io.diffusionad.settings.Calibration;
import io.diffusionad.settings.ModelCard;
import picocli.CommandLine.Option;

import java.util.Optional;

/** How many good images may be reported as defective. */
final class FalseAlarmChoice {
    @Option(
            names = "--false-alarms",
            paramLabel = "RATE",
            description =
                    "Share of good images that may be reported as defective (default: 0.02, one in fifty, or the checkpoint's).")
    private Double falseAlarms;

    /** @throws io.diffusionad.error.InvalidInputException for a number that is no rate */
    Optional<Double> rate() {
        return Optional.ofNullable(falseAlarms).map(Calibration::requireRate);
    }

    /** The checkpoint's description at the rate that was given, or as it is. */
    ModelCard applyTo(ModelCard card) {
        return rate().map(card::withFalseAlarms).orElse(card);
    }
}
