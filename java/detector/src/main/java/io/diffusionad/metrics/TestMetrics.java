package io.diffusionad.metrics;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Everything that is measured on one test set.
 *
 * @param all over all images, with intervals
 * @param kinds by kind of defect, in the order of the test set
 * @param decisions at the calibrated threshold; null without one
 */
public record TestMetrics(MetricSet all, Map<String, KindMetrics> kinds, Decisions decisions) {
    public TestMetrics {
        kinds = Collections.unmodifiableMap(new LinkedHashMap<>(kinds));
    }
}
