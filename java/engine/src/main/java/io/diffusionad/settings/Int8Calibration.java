package io.diffusionad.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.diffusionad.nn.ActivationRanges;
import io.diffusionad.nn.ActivationRanges.Range;
import io.diffusionad.settings.ModelCard.Calibration;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a model needs to run in int8. Scores differ a little from those of other precisions, so the thresholds are its own.
 *
 * @param ranges of the reconstruction network's activations on good images
 * @param thresholds determined on scores computed in int8
 */
public record Int8Calibration(ActivationRanges ranges, Calibration thresholds) {
    /** Before anything was measured. */
    public static final Int8Calibration NONE = new Int8Calibration(new ActivationRanges(Map.of()), Calibration.NONE);

    private static final String RANGES = "int8_ranges";
    private static final String THRESHOLD = "int8_threshold";
    private static final String PIXEL_THRESHOLD = "int8_pixel_threshold";
    private static final String IMAGES = "int8_calibration_images";
    private static final ObjectMapper JSON = new ObjectMapper();

    public boolean isPresent() {
        return !ranges.byLayer().isEmpty();
    }

    void addTo(Map<String, String> metadata) {
        if (!isPresent()) {
            return;
        }
        Map<String, float[]> pairs = new TreeMap<>();
        ranges.byLayer().forEach((layer, range) -> pairs.put(layer, new float[] {range.least(), range.greatest()}));
        try {
            metadata.put(MetadataReader.PREFIX + RANGES, JSON.writeValueAsString(pairs));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("activation ranges do not become JSON", e);
        }
        metadata.put(MetadataReader.PREFIX + THRESHOLD, Double.toString(thresholds.threshold()));
        metadata.put(MetadataReader.PREFIX + PIXEL_THRESHOLD, Double.toString(thresholds.pixelThreshold()));
        metadata.put(MetadataReader.PREFIX + IMAGES, Integer.toString(thresholds.images()));
    }

    /** {@link #NONE} when the file has no such entries; refuses damaged ones. */
    static Int8Calibration from(MetadataReader reader) {
        if (!reader.has(RANGES)) {
            return NONE;
        }
        Map<String, Range> ranges = new TreeMap<>();
        try {
            Map<String, float[]> pairs = JSON.readValue(reader.text(RANGES), new TypeReference<TreeMap<String, float[]>>() { });
            if (pairs == null) {
                throw new IllegalArgumentException("ranges belong to layers");
            }
            pairs.forEach((layer, pair) -> ranges.put(layer, range(pair)));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw reader.damaged(RANGES, e);
        }
        return new Int8Calibration(new ActivationRanges(ranges),
                new Calibration(reader.number(THRESHOLD), reader.number(PIXEL_THRESHOLD), (int) reader.integer(IMAGES)));
    }

    private static Range range(float... pair) {
        if (pair == null || pair.length != 2) {
            throw new IllegalArgumentException("a range is two numbers");
        }
        return new Range(pair[0], pair[1]);
    }
}
