package io.diffusionad;

import io.diffusionad.frame.FrameRange;
import io.diffusionad.settings.Calibration;
import io.diffusionad.settings.ModelCard;

/**
 * What a detector decides by.
 *
 * @param threshold images that score above it are defective; NaN for none
 * @param pixelThreshold pixels that score at least this much belong to the mask; NaN for none
 * @param calibration the scores that percentiles are counted in
 * @param frames frames outside are invalid
 */
record Criteria(double threshold, double pixelThreshold, Calibration calibration, FrameRange frames) {
    /**
     * The checkpoint's, where the options do not say otherwise.
     *
     * @throws io.diffusionad.error.InvalidInputException when a rate of false alarms cannot be had
     */
    static Criteria of(ModelCard card, DetectorOptions options) {
        Calibration stored = card.thresholds(options.precision());
        Calibration calibration = Double.isNaN(options.falseAlarms()) ? stored : stored.at(options.falseAlarms());
        return new Criteria(
                Double.isNaN(options.threshold()) ? calibration.threshold() : options.threshold(),
                Double.isNaN(options.pixelThreshold()) ? calibration.pixelThreshold() : options.pixelThreshold(),
                calibration,
                card.frames());
    }
}
