package io.diffusionad.app.report;

import io.diffusionad.metrics.Metric;
import io.diffusionad.metrics.MetricSet;
import io.diffusionad.metrics.TestMetrics;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code metrics.csv}: the reference's columns first, under its names and in its unit (per cent), then the further
 * metrics. Pixel-AUPRO is the reference's number; the exact ones follow as AU-PRO. A metric that the test set does not
 * allow is an empty field.
 */
public final class MetricsCsv {
    /** In the order of the columns: the first four are the reference's. */
    private static final List<Metric> COLUMNS = List.of(
            Metric.IMAGE_AUROC,
            Metric.PIXEL_AUROC,
            Metric.REFERENCE_PRO,
            Metric.PIXEL_AP,
            Metric.IMAGE_AP,
            Metric.IMAGE_F1_MAX,
            Metric.PIXEL_F1_MAX,
            Metric.AU_PRO_30,
            Metric.AU_PRO_05,
            Metric.IMAGE_F1,
            Metric.SEG_F1,
            Metric.AU_SPRO_30,
            Metric.AU_SPRO_05);

    private MetricsCsv() {}

    /** @param metrics by category, in the order of the rows; more than one adds a row of averages */
    public static void write(Path file, Map<String, TestMetrics> metrics) throws IOException {
        List<List<String>> rows = new ArrayList<>();
        metrics.forEach((category, set) -> rows.add(row(category, set.all())));
        if (metrics.size() > 1) {
            rows.add(row(
                    "average",
                    MetricSet.mean(
                            metrics.values().stream().map(TestMetrics::all).toList())));
        }
        List<String> header = new ArrayList<>(List.of("classname"));
        COLUMNS.forEach(metric -> header.add(metric.column()));
        CsvFile.write(file, header, rows);
    }

    private static List<String> row(String category, MetricSet set) {
        List<String> row = new ArrayList<>(List.of(category));
        COLUMNS.forEach(metric -> row.add(perCent(set.get(metric))));
        return row;
    }

    /** Empty for NaN. */
    static String perCent(double value) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.4f", 100 * value);
    }
}
