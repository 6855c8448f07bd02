package io.diffusionad.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.diffusionad.nn.ActivationRanges;
import io.diffusionad.nn.ActivationRanges.Range;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a model needs to run in int8. Scores differ a little from those of other precisions, so the thresholds are its
 * own.
 *
 * @param ranges of the reconstruction network's activations on good images
 * @param thresholds determined on scores computed in int8
 */
public record Int8Calibration(ActivationRanges ranges, Calibration thresholds) {
    /** Before anything was measured. */
    public static final Int8Calibration NONE = new Int8Calibration(new ActivationRanges(Map.of()), Calibration.NONE);

    private static final String RANGES = "int8_ranges";
    private static final String PREFIX = "int8_";

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
            metadata.put(MetadataReader.PREFIX + RANGES, new ObjectMapper().writeValueAsString(pairs));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("activation ranges do not become JSON", e);
        }
        thresholds.addTo(metadata, PREFIX);
    }

    /** As {@link Calibration#at}. */
    Int8Calibration at(double falseAlarms) {
        return new Int8Calibration(ranges, thresholds.at(falseAlarms));
    }

    /** {@link #NONE} when the file has no such entries; refuses damaged ones. */
    static Int8Calibration from(MetadataReader reader) {
        if (!reader.has(RANGES)) {
            return NONE;
        }
        Map<String, Range> ranges = new TreeMap<>();
        try {
            JsonFields pairs = JsonFields.parse(reader.text(RANGES));
            for (String layer : pairs.names()) {
                ranges.put(layer, range(pairs.numbers(layer)));
            }
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw reader.damaged(RANGES, e);
        }
        return new Int8Calibration(new ActivationRanges(ranges), Calibration.from(reader, PREFIX));
    }

    private static Range range(List<Number> pair) {
        if (pair.size() != 2) {
            throw new IllegalArgumentException("a range is two numbers");
        }
        return new Range(pair.get(0).floatValue(), pair.get(1).floatValue());
    }
}
