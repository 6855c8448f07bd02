package io.diffusionad.app.report;

import io.diffusionad.app.console.TextTable;
import io.diffusionad.metrics.Decisions;
import io.diffusionad.metrics.Interval;
import io.diffusionad.metrics.KindMetrics;
import io.diffusionad.metrics.Metric;
import io.diffusionad.metrics.MetricSet;
import io.diffusionad.metrics.Rate;
import io.diffusionad.metrics.TestMetrics;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Metrics for the console and for pages: what people look at first, decisions with the interval of their true rate; "-"
 * where there is none.
 */
public final class MetricsTable {
    private static final List<Metric> ALWAYS = List.of(
            Metric.IMAGE_AUROC,
            Metric.IMAGE_AP,
            Metric.IMAGE_F1,
            Metric.PIXEL_AUROC,
            Metric.PIXEL_AP,
            Metric.PIXEL_F1_MAX,
            Metric.AU_PRO_30,
            Metric.AU_PRO_05);
    private static final String NONE = "-";

    private MetricsTable() {}

    public static String text(Map<String, TestMetrics> metrics) {
        return text(rows(metrics));
    }

    /** A table of rows, the header first. */
    public static String text(List<List<String>> rows) {
        TextTable table = new TextTable(rows.get(0).toArray(String[]::new));
        rows.subList(1, rows.size()).forEach(row -> table.row(row.toArray(String[]::new)));
        return table.toString();
    }

    /** The header first; more than one category adds a row of averages, with all decisions counted together. */
    public static List<List<String>> rows(Map<String, TestMetrics> metrics) {
        List<Metric> columns = new ArrayList<>(ALWAYS);
        List.of(Metric.AU_SPRO_30, Metric.AU_SPRO_05).stream()
                .filter(metric ->
                        metrics.values().stream().anyMatch(one -> one.all().has(metric)))
                .forEach(columns::add);
        List<List<String>> rows = new ArrayList<>();
        List<String> header = new ArrayList<>(List.of("category"));
        columns.forEach(metric -> header.add(metric.title()));
        header.addAll(List.of("false alarms", "misses"));
        rows.add(header);
        metrics.forEach((category, one) -> rows.add(row(category, one.all(), one.decisions(), columns)));
        if (metrics.size() > 1) {
            rows.add(row(
                    "average",
                    MetricSet.mean(
                            metrics.values().stream().map(TestMetrics::all).toList()),
                    together(metrics),
                    columns));
        }
        return rows;
    }

    /** By kind of defect, each against all good images; the header first. */
    public static List<List<String>> kinds(Map<String, TestMetrics> metrics) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(
                "category",
                "defect",
                "images",
                "found",
                Metric.IMAGE_AUROC.title(),
                Metric.PIXEL_AUROC.title(),
                Metric.PIXEL_AP.title(),
                Metric.AU_PRO_30.title(),
                Metric.AU_PRO_05.title()));
        metrics.forEach((category, one) ->
                one.kinds().forEach((kind, measured) -> rows.add(kindRow(category, kind, measured))));
        return rows;
    }

    /**
     * What readers must know of the numbers. @param resolutions at which pixels were measured, "model" or "original"
     */
    public static String note(Collection<String> resolutions) {
        String where = resolutions.stream().allMatch("model"::equals)
                ? "at the model's size"
                : resolutions.stream().allMatch("original"::equals)
                        ? "at each picture's own size"
                        : "at the sizes that metrics.json names";
        return "Pixels are measured " + where
                + ". Intervals hold the true rate with 95 %; those of the areas are in metrics.json.";
    }

    private static List<String> kindRow(String category, String kind, KindMetrics measured) {
        List<String> row = new ArrayList<>(List.of(
                category,
                kind,
                Integer.toString(measured.images()),
                measured.detected() == null ? NONE : rate(measured.detected())));
        for (Metric metric :
                List.of(Metric.IMAGE_AUROC, Metric.PIXEL_AUROC, Metric.PIXEL_AP, Metric.AU_PRO_30, Metric.AU_PRO_05)) {
            row.add(number(measured.metrics().get(metric)));
        }
        return row;
    }

    private static List<String> row(String category, MetricSet set, Decisions decisions, List<Metric> columns) {
        List<String> cells = new ArrayList<>(List.of(category));
        columns.forEach(metric -> cells.add(number(set.get(metric))));
        cells.add(decisions == null ? NONE : rate(decisions.falseAlarms()));
        cells.add(decisions == null ? NONE : rate(decisions.misses()));
        return cells;
    }

    private static Decisions together(Map<String, TestMetrics> metrics) {
        List<Decisions> all = metrics.values().stream()
                .map(TestMetrics::decisions)
                .filter(Objects::nonNull)
                .toList();
        return all.size() < metrics.size()
                ? null
                : new Decisions(
                        Double.NaN,
                        sum(all.stream().map(Decisions::falseAlarms).toList()),
                        sum(all.stream().map(Decisions::misses).toList()));
    }

    private static Rate sum(List<Rate> rates) {
        return new Rate(
                rates.stream().mapToLong(Rate::count).sum(),
                rates.stream().mapToLong(Rate::of).sum());
    }

    private static String number(double value) {
        return Double.isNaN(value) ? NONE : String.format(Locale.ROOT, "%.3f", value);
    }

    /** For instance "1 of 20 (0-25 %)": the exact interval of the true rate. */
    public static String rate(Rate rate) {
        if (rate.of() == 0) {
            return NONE;
        }
        Interval interval = rate.interval();
        return String.format(
                Locale.ROOT,
                "%d of %d (%s-%s %%)",
                rate.count(),
                rate.of(),
                rounded(100 * interval.lower()),
                rounded(100 * interval.upper()));
    }

    private static String rounded(double perCent) {
        return String.format(Locale.ROOT, perCent > 0 && perCent < 9.95 ? "%.1f" : "%.0f", perCent);
    }
}
