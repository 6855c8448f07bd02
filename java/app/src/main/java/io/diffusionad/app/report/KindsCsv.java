package io.diffusionad.app.report;

import io.diffusionad.metrics.Interval;
import io.diffusionad.metrics.KindMetrics;
import io.diffusionad.metrics.Metric;
import io.diffusionad.metrics.TestMetrics;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * {@code metrics-by-kind.csv}: each kind of defect against all good images, in per cent, with the exact interval of the
 * detection rate.
 */
final class KindsCsv {
    private static final List<Metric> COLUMNS = Arrays.stream(Metric.values())
            .filter(metric -> metric != Metric.REFERENCE_PRO)
            .toList();

    private KindsCsv() {}

    static void write(Path file, Map<String, TestMetrics> metrics) throws IOException {
        List<String> header = new ArrayList<>(List.of(
                "classname",
                "kind",
                "images",
                "detected",
                "detection-rate",
                "detection-rate-low",
                "detection-rate-high"));
        COLUMNS.forEach(metric -> header.add(metric.column()));
        List<List<String>> rows = new ArrayList<>();
        metrics.forEach(
                (category, one) -> one.kinds().forEach((kind, measured) -> rows.add(row(category, kind, measured))));
        CsvFile.write(file, header, rows);
    }

    private static List<String> row(String category, String kind, KindMetrics measured) {
        List<String> row = new ArrayList<>(List.of(category, kind, Integer.toString(measured.images())));
        if (measured.detected() == null) {
            row.addAll(List.of("", "", "", ""));
        } else {
            Interval interval = measured.detected().interval();
            row.addAll(List.of(
                    Long.toString(measured.detected().count()),
                    MetricsCsv.perCent(measured.detected().value()),
                    MetricsCsv.perCent(interval.lower()),
                    MetricsCsv.perCent(interval.upper())));
        }
        COLUMNS.forEach(metric -> row.add(MetricsCsv.perCent(measured.metrics().get(metric))));
        return row;
    }
}
