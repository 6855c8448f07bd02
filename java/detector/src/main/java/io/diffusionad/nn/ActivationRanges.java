package io.diffusionad.nn;

import io.diffusionad.ops.Quantization;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The least and the greatest value that the inputs of a network's int8 convolutions take, as measured on images
 * ({@link Pass#measuringRanges}). Immutable.
 *
 * @param byLayer a range for each such convolution, by the prefix of its parameter names ({@code down.1.0.in_layers.2})
 */
public record ActivationRanges(Map<String, Range> byLayer) {
    /** Both finite, least below or equal to greatest. */
    public record Range(float least, float greatest) {
        public Range {
            if (!(least <= greatest && Float.isFinite(least) && Float.isFinite(greatest))) {
                throw new IllegalArgumentException("no activation lies between " + least + " and " + greatest);
            }
        }

        Range union(Range other) {
            return new Range(Math.min(least, other.least), Math.max(greatest, other.greatest));
        }
    }

    public ActivationRanges {
        byLayer = Collections.unmodifiableMap(new TreeMap<>(byLayer));
    }

    /** @throws IllegalArgumentException when the layer was not measured */
    Quantization quantization(String layer) {
        Range range = byLayer.get(layer);
        if (range == null) {
            throw new IllegalArgumentException("no activation range was measured for " + layer);
        }
        return Quantization.covering(range.least, range.greatest);
    }
}
