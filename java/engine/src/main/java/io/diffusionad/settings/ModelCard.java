package io.diffusionad.settings;

import io.diffusionad.error.InvalidInputException;
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
 */
public record ModelCard(ModelSettings model, String category, long step, long seed, Calibration calibration) {
    private static final String PREFIX = "diffusionad.";

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

    public ModelCard withStep(long steps) {
        return new ModelCard(model, category, steps, seed, calibration);
    }

    public ModelCard withCalibration(Calibration thresholds) {
        return new ModelCard(model, category, step, seed, thresholds);
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
        return metadata;
    }

    /**
     * @param file what messages call the checkpoint
     * @throws InvalidInputException when an entry is missing or damaged
     */
    public static ModelCard fromMetadata(Map<String, String> metadata, String file) {
        Reader reader = new Reader(metadata, file);
        String described = reader.text("model");
        ModelSettings model;
        try {
            model = ModelSettings.fromJson(described);
        } catch (InvalidInputException e) {
            throw new InvalidInputException(file + " describes no model that can be built: " + e.getMessage(), e);
        }
        return new ModelCard(model, reader.text("category"), reader.integer("step"), reader.integer("seed"),
                new Calibration(reader.number("threshold"), reader.number("pixel_threshold"), (int) reader.integer("calibration_images")));
    }

    private record Reader(Map<String, String> metadata, String file) {
        String text(String key) {
            String value = metadata.get(PREFIX + key);
            if (value == null) {
                throw new InvalidInputException(file + " is no checkpoint of this program: its metadata has no '" + PREFIX + key
                        + "'; give a file that train wrote");
            }
            return value;
        }

        long integer(String key) {
            try {
                return Long.parseLong(text(key));
            } catch (NumberFormatException e) {
                throw damaged(key, e);
            }
        }

        double number(String key) {
            try {
                return Double.parseDouble(text(key));
            } catch (NumberFormatException e) {
                throw damaged(key, e);
            }
        }

        private InvalidInputException damaged(String key, NumberFormatException e) {
            return new InvalidInputException(file + " is damaged: its metadata '" + PREFIX + key + "' is '" + text(key) + "'; copy the file again", e);
        }
    }
}
