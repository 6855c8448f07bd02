package io.diffusionad.evaluate;

import io.diffusionad.frame.FrameRange;
import io.diffusionad.settings.Calibration;
import lombok.Builder;

import java.nio.file.Path;

/**
 * How a test set is evaluated.
 *
 * @param temporaryFolder where score maps go while metrics are computed: 4 bytes and a bit a pixel, freed however the
 *     process ends
 * @param thresholds what decisions are made by, or {@link Calibration#NONE}
 * @param resolution at which pixels are measured
 * @param frames what a picture of the part looks like: others are told as invalid, and count in every metric all the
 *     same
 */
@Builder(toBuilder = true)
public record EvaluationOptions(
        Path temporaryFolder, Calibration thresholds, Resolution resolution, FrameRange frames) {
    /** Size at which score maps meet masks. */
    public enum Resolution {
        /** The network's: masks are brought to its size. */
        MODEL,
        /** The picture's: score maps are brought back to its size, masks stay as they are. */
        ORIGINAL
    }

    /** What most evaluations do. */
    public static class EvaluationOptionsBuilder {
        private Path temporaryFolder = Path.of(System.getProperty("java.io.tmpdir"));
        private Calibration thresholds = Calibration.NONE;
        private Resolution resolution = Resolution.MODEL;
        private FrameRange frames = FrameRange.ANY;
    }
}
