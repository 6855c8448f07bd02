package io.diffusionad.nn;

import io.diffusionad.device.Device;
import io.diffusionad.device.Transfers;
import io.diffusionad.nn.ActivationRanges.Range;
import io.diffusionad.tensor.Tensor;

import java.util.Map;
import java.util.TreeMap;

/**
 * Gathers activation ranges over any number of passes ({@link Pass#measuringRanges}). Copies what it sees to Java: for
 * calibration only.
 */
public final class RangeRecorder {
    private final Map<String, Range> ranges = new TreeMap<>();

    /** What was seen so far. */
    public ActivationRanges ranges() {
        return new ActivationRanges(ranges);
    }

    void see(Device device, String layer, Tensor activation) {
        float least = Float.POSITIVE_INFINITY;
        float greatest = Float.NEGATIVE_INFINITY;
        for (float value : Transfers.toFloats(device, activation)) {
            least = Math.min(least, value);
            greatest = Math.max(greatest, value);
        }
        ranges.merge(layer, new Range(least, greatest), Range::union);
    }
}
