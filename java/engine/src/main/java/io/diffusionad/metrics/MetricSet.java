package io.diffusionad.metrics;

import java.util.Map;

/**
 * The metrics of one category, each in [0, 1] or NaN where the test set does not allow it.
 *
 * @param pro per-region overlap up to a false-positive rate of 0.3, "AUPRO"
 * @param absent for each metric that is NaN (by component name) one sentence why
 */
public record MetricSet(double imageAuroc, double imageAp, double imageF1Max, double pixelAuroc, double pixelAp, double pixelF1Max, double pro,
                        Map<String, String> absent) {
    public MetricSet {
        absent = Map.copyOf(absent);
    }
}
