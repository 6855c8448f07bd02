package io.diffusionad.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.frame.FrameRange;
import io.diffusionad.nn.ActivationRanges;
import lombok.Builder;

import java.util.LinkedHashMap;
import java.util.List;
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
 * @param frames what a picture of the part looks like, or {@link FrameRange#ANY} before it was measured
 * @param evidence what the run learnt from and how well, or {@link Evidence#NONE} where that was not recorded
 */
@Builder(toBuilder = true)
public record ModelCard(
        ModelSettings model,
        String category,
        long step,
        long seed,
        Calibration calibration,
        Int8Calibration int8,
        FrameRange frames,
        Evidence evidence) {
    private static final String PREFIX = MetadataReader.PREFIX;
    private static final String FRAMES = "frames";

    /** A card of a model that has not been calibrated. */
    public static ModelCard uncalibrated(ModelSettings model, String category, long step, long seed) {
        return new ModelCard(
                model, category, step, seed, Calibration.NONE, Int8Calibration.NONE, FrameRange.ANY, Evidence.NONE);
    }

    public ModelCard withStep(long steps) {
        return toBuilder().step(steps).build();
    }

    public ModelCard withCalibration(Calibration thresholds) {
        return toBuilder().calibration(thresholds).build();
    }

    public ModelCard withInt8(Int8Calibration measured) {
        return toBuilder().int8(measured).build();
    }

    /**
     * The card with thresholds at another rate of false alarms, for every precision that is calibrated.
     *
     * @throws InvalidInputException when the rate is impossible or the checkpoint holds no calibration scores
     */
    public ModelCard withFalseAlarms(double rate) {
        return toBuilder()
                .calibration(calibration.at(rate))
                .int8(int8.isPresent() ? int8.at(rate) : int8)
                .build();
    }

    /** Why the decisions should not be trusted, a sentence each; empty when nothing speaks against them. */
    public List<String> warnings() {
        return evidence.warnings(step);
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
            throw new InvalidInputException(
                    file + " is not calibrated for int8: run  diffusionad calibrate --checkpoint " + file
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
        calibration.addTo(metadata, "");
        int8.addTo(metadata);
        if (!frames.isAny()) {
            metadata.put(PREFIX + FRAMES, json(frames.byKey()));
        }
        evidence.addTo(metadata);
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
        return new ModelCard(
                model,
                reader.text("category"),
                reader.integer("step"),
                reader.integer("seed"),
                Calibration.from(reader, ""),
                Int8Calibration.from(reader),
                frames(reader),
                Evidence.from(reader));
    }

    private static FrameRange frames(MetadataReader reader) {
        if (!reader.has(FRAMES)) {
            return FrameRange.ANY;
        }
        try {
            JsonFields fields = JsonFields.parse(reader.text(FRAMES));
            Map<String, double[]> ranges = new LinkedHashMap<>();
            for (String feature : fields.names()) {
                ranges.put(
                        feature,
                        fields.numbers(feature).stream()
                                .mapToDouble(Number::doubleValue)
                                .toArray());
            }
            return FrameRange.of(ranges);
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw reader.damaged(FRAMES, e);
        }
    }

    private static String json(Object value) {
        try {
            return new ObjectMapper().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("ranges do not become JSON", e);
        }
    }
}
