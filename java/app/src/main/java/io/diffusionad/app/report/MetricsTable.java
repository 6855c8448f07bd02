package io.diffusionad.app.report;

import io.diffusionad.app.console.TextTable;
import io.diffusionad.metrics.MetricSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Metrics by category for the console and for pages; "-" where the test set does not allow a metric. */
public final class MetricsTable {
    private static final List<String> HEADER = List.of("category", "image AUROC", "image AP", "image F1", "pixel AUROC", "pixel AP", "pixel F1", "PRO");

    private MetricsTable() { }

    public static String text(Map<String, MetricSet> metrics) {
        List<List<String>> rows = rows(metrics);
        TextTable table = new TextTable(rows.get(0).toArray(String[]::new));
        rows.subList(1, rows.size()).forEach(row -> table.row(row.toArray(String[]::new)));
        return table.toString();
    }

    /** The header first; more than one category adds a row of averages. */
    public static List<List<String>> rows(Map<String, MetricSet> metrics) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADER);
        metrics.forEach((category, set) -> rows.add(row(category, set)));
        if (metrics.size() > 1) {
            rows.add(row("average", MetricsCsv.average(List.copyOf(metrics.values()))));
        }
        return rows;
    }

    private static List<String> row(String category, MetricSet set) {
        List<String> cells = new ArrayList<>(List.of(category));
        for (double value : new double[] {set.imageAuroc(), set.imageAp(), set.imageF1Max(), set.pixelAuroc(), set.pixelAp(), set.pixelF1Max(), set.pro()}) {
            cells.add(Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.3f", value));
        }
        return cells;
    }
}
