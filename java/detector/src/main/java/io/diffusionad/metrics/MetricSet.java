package io.diffusionad.metrics;

import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The metrics of one test set: a value, or one sentence why there is none; and where it was determined, an interval of
 * 95 % around the value. Immutable.
 */
public final class MetricSet {
    private final Map<Metric, Double> values;
    private final Map<Metric, Interval> intervals;
    private final Map<Metric, String> absent;
    private final String intervalsWithheld;

    private MetricSet(
            Map<Metric, Double> values,
            Map<Metric, Interval> intervals,
            Map<Metric, String> absent,
            String intervalsWithheld) {
        this.values = Collections.unmodifiableMap(new EnumMap<>(values));
        this.intervals = Collections.unmodifiableMap(new EnumMap<>(intervals));
        this.absent = Collections.unmodifiableMap(new EnumMap<>(absent));
        this.intervalsWithheld = intervalsWithheld;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** In [0, 1]; NaN where there is none. */
    public double get(Metric metric) {
        return values.getOrDefault(metric, Double.NaN);
    }

    public boolean has(Metric metric) {
        return values.containsKey(metric);
    }

    /** null where none was determined. */
    public Interval interval(Metric metric) {
        return intervals.get(metric);
    }

    /**
     * Why no metric has an interval; null where some have. A metric that is the same in all replicates, e.g. 1, has
     * none without further reason.
     */
    public String intervalsWithheld() {
        return intervalsWithheld;
    }

    /**
     * For each metric that the test set does not allow one sentence why. A metric that does not apply to the data has
     * neither value nor reason.
     */
    public Map<Metric, String> absent() {
        return absent;
    }

    /** The reasons of {@link #absent}, each once. */
    public List<String> reasons() {
        return absent.values().stream().distinct().toList();
    }

    public double imageAuroc() {
        return get(Metric.IMAGE_AUROC);
    }

    public double imageAp() {
        return get(Metric.IMAGE_AP);
    }

    public double imageF1Max() {
        return get(Metric.IMAGE_F1_MAX);
    }

    public double pixelAuroc() {
        return get(Metric.PIXEL_AUROC);
    }

    public double pixelAp() {
        return get(Metric.PIXEL_AP);
    }

    public double pixelF1Max() {
        return get(Metric.PIXEL_F1_MAX);
    }

    /** The reference's per-region overlap; see {@link Metric#AU_PRO_30} for the exact one. */
    public double referencePro() {
        return get(Metric.REFERENCE_PRO);
    }

    /** Means over test sets, without intervals; a metric that one of them does not have has no mean. */
    public static MetricSet mean(List<MetricSet> sets) {
        Builder mean = builder();
        for (Metric metric : Metric.values()) {
            if (!sets.isEmpty() && sets.stream().allMatch(set -> set.has(metric))) {
                mean.value(
                        metric,
                        sets.stream()
                                .mapToDouble(set -> set.get(metric))
                                .average()
                                .getAsDouble());
            } else if (sets.stream().anyMatch(set -> set.has(metric) || set.absent.containsKey(metric))) {
                mean.absent(metric, "not every category has it");
            }
        }
        return mean.build();
    }

    @Override
    public String toString() {
        Map<String, Object> shown = new LinkedHashMap<>();
        for (Metric metric : Metric.values()) {
            if (has(metric)) {
                shown.put(metric.title(), get(metric));
            } else if (absent.containsKey(metric)) {
                shown.put(metric.title(), absent.get(metric));
            }
        }
        return shown.toString();
    }

    /** Collects a set's values. One thread at a time. */
    public static final class Builder {
        private final Map<Metric, Double> values = new EnumMap<>(Metric.class);
        private final Map<Metric, Interval> intervals = new EnumMap<>(Metric.class);
        private final Map<Metric, String> absent = new EnumMap<>(Metric.class);
        private String intervalsWithheld;

        /**
         * @param value in [0, 1]; @throws IllegalArgumentException for anything else, NaN included: say {@link #absent}
         *     instead
         */
        public Builder value(Metric metric, double value) {
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException(metric + " of " + value);
            }
            values.put(metric, value);
            absent.remove(metric);
            return this;
        }

        /** @param reason one sentence without a full stop */
        public Builder absent(Metric metric, String reason) {
            values.remove(metric);
            absent.put(metric, reason);
            return this;
        }

        /** @param interval null for none */
        public Builder interval(Metric metric, Interval interval) {
            if (interval != null) {
                intervals.put(metric, interval);
            }
            return this;
        }

        /** @see MetricSet#intervalsWithheld */
        public Builder intervalsWithheld(String reason) {
            intervalsWithheld = reason;
            return this;
        }

        boolean has(Metric metric) {
            return values.containsKey(metric);
        }

        public MetricSet build() {
            return new MetricSet(values, intervals, absent, intervalsWithheld);
        }
    }
}
