package io.diffusionad.settings;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.nn.ActivationRanges;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a checkpoint says of itself besides its weights; stored as the strings of a safetensors file's metadata.
 *
 * @param model the networks and the diffusion
 * @param category what the detector was trained on, for people
 * @param step optimisation steps so far
 * @param seed of the training run
 * @param calibration thresholds, or {@link Calibration#NONE} before they were determined
 * @param int8 what inference in int8 needs, or {@link Int8Calibration#NONE} before it was measured
 */
public record ModelCard(ModelSettings model, String category, long step, long seed, Calibration calibration, Int8Calibration int8) {
    private static final String PREFIX = MetadataReader.PREFIX;

    /**
     * Where "defective" begins, learnt from normal images that were not trained on.
     *
     * @param threshold images that score above it are defective; NaN when unknown
     * @param pixelThreshold pixels that score at least this much belong to the defect's mask; NaN when unknown
     * @param images how many normal images determined them
     */
    public record Calibration(double threshold, double pixelThreshold, int images) {
        public static final Calibration NONE = new Calibration(Double.NaN, Double.NaN, 0);
    }

    /** A card of a model that has not been calibrated. */
    public static ModelCard uncalibrated(ModelSettings model, String category, long step, long seed) {
        return new ModelCard(model, category, step, seed, Calibration.NONE, Int8Calibration.NONE);
    }

    public ModelCard withStep(long steps) {
        return new ModelCard(model, category, steps, seed, calibration, int8);
    }

    public ModelCard withCalibration(Calibration thresholds) {
        return new ModelCard(model, category, step, seed, thresholds, int8);
    }

    public ModelCard withInt8(Int8Calibration measured) {
        return new ModelCard(model, category, step, seed, calibration, measured);
    }

    /** The thresholds for scores computed at a precision. */
    public Calibration thresholds(Precision precision) {
        return precision == Precision.INT8 ? int8.thresholds() : calibration;
    }

    /**
     * The ranges that inference at a precision needs: null but for int8.
     *
     * @param file what messages call the checkpoint
     * @throws InvalidInputException when int8 is asked for and was not calibrated
     */
    public ActivationRanges ranges(Precision precision, Object file) {
        if (precision != Precision.INT8) {
            return null;
        }
        if (!int8.isPresent()) {
            throw new InvalidInputException(file + " is not calibrated for int8: run  diffusionad calibrate --checkpoint " + file
                    + " --data FOLDER  with its good images, or choose another --precision");
        }
        return int8.ranges();
    }

    public Map<String, String> toMetadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(PREFIX + "model", model.toJson());
        metadata.put(PREFIX + "category", category);
        metadata.put(PREFIX + "step", Long.toString(step));
        metadata.put(PREFIX + "seed", Long.toString(seed));
        metadata.put(PREFIX + "threshold", Double.toString(calibration.threshold));
        metadata.put(PREFIX + "pixel_threshold", Double.toString(calibration.pixelThreshold));
        metadata.put(PREFIX + "calibration_images", Integer.toString(calibration.images));
        int8.addTo(metadata);
        return metadata;
    }

    /**
     * @param file what messages call the checkpoint
     * @throws InvalidInputException when an entry is missing or damaged
     */
    public static ModelCard fromMetadata(Map<String, String> metadata, String file) {
        MetadataReader reader = new MetadataReader(metadata, file);
        String described = reader.text("model");
        ModelSettings model;
        try {
            model = ModelSettings.fromJson(described);
        } catch (InvalidInputException e) {
            throw new InvalidInputException(file + " describes no model that can be built: " + e.getMessage(), e);
        }
        return new ModelCard(model, reader.text("category"), reader.integer("step"), reader.integer("seed"),
                new Calibration(reader.number("threshold"), reader.number("pixel_threshold"), (int) reader.integer("calibration_images")),
                Int8Calibration.from(reader));
    }
}
