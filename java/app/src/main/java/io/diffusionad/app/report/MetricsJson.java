package io.diffusionad.app.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.diffusionad.metrics.Decisions;
import io.diffusionad.metrics.Interval;
import io.diffusionad.metrics.Metric;
import io.diffusionad.metrics.MetricSet;
import io.diffusionad.metrics.Rate;
import io.diffusionad.metrics.TestMetrics;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code metrics.json}: everything that was measured, unrounded, with intervals and with the reason where something is
 * missing.
 */
final class MetricsJson {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private MetricsJson() {}

    /** @param resolutions by category, at which pixels were measured */
    static void write(Path file, Map<String, TestMetrics> metrics, Map<String, String> resolutions) throws IOException {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("confidence", Interval.CONFIDENCE);
        Map<String, Object> categories = new LinkedHashMap<>();
        metrics.forEach((category, one) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("resolution", resolutions.get(category));
            entry.put("decisions", one.decisions() == null ? null : decisions(one.decisions()));
            entry.put("metrics", set(one.all()));
            Map<String, Object> kinds = new LinkedHashMap<>();
            one.kinds().forEach((kind, measured) -> {
                Map<String, Object> part = new LinkedHashMap<>();
                part.put("images", measured.images());
                part.put("detected", measured.detected() == null ? null : rate(measured.detected()));
                part.put("metrics", set(measured.metrics()));
                kinds.put(kind, part);
            });
            entry.put("kinds", kinds);
            categories.put(category, entry);
        });
        document.put("categories", categories);
        OutputFile.write(file, JSON.writeValueAsString(document) + "\n");
    }

    private static Map<String, Object> decisions(Decisions decisions) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("threshold", decisions.threshold());
        entry.put("falseAlarms", rate(decisions.falseAlarms()));
        entry.put("misses", rate(decisions.misses()));
        return entry;
    }

    private static Map<String, Object> rate(Rate rate) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("count", rate.count());
        entry.put("of", rate.of());
        entry.put("interval", interval(rate.interval()));
        return entry;
    }

    private static List<Double> interval(Interval interval) {
        return interval == null ? null : List.of(interval.lower(), interval.upper());
    }

    private static Map<String, Object> set(MetricSet set) {
        Map<String, Object> entries = new LinkedHashMap<>();
        for (Metric metric : Metric.values()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            if (set.has(metric)) {
                entry.put("value", set.get(metric));
                if (set.interval(metric) != null) {
                    entry.put("interval", interval(set.interval(metric)));
                }
                entries.put(metric.id(), entry);
            } else if (set.absent().containsKey(metric)) {
                entry.put("absent", set.absent().get(metric));
                entries.put(metric.id(), entry);
            }
        }
        if (set.intervalsWithheld() != null) {
            entries.put("intervals", set.intervalsWithheld());
        }
        return entries;
    }
}
