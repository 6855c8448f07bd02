package io.diffusionad.app.report;

import io.diffusionad.evaluate.Stress;
import io.diffusionad.metrics.Rate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How decisions fare under changed light, sharpness, position and compression: {@code stress.csv}, and a table for
 * people.
 */
public final class StressTable {
    private StressTable() {}

    /** The header first. @param outcomes by category */
    public static List<List<String>> rows(Map<String, List<Stress.Outcome>> outcomes) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("category", "pictures", "false alarms", "misses", "image AUROC"));
        outcomes.forEach((category, list) -> list.forEach(outcome -> rows.add(List.of(
                category,
                outcome.variation(),
                outcome.decisions() == null
                        ? "-"
                        : MetricsTable.rate(outcome.decisions().falseAlarms()),
                outcome.decisions() == null
                        ? "-"
                        : MetricsTable.rate(outcome.decisions().misses()),
                Double.isNaN(outcome.imageAuroc()) ? "-" : String.format(Locale.ROOT, "%.3f", outcome.imageAuroc())))));
        return rows;
    }

    public static void write(Path file, Map<String, List<Stress.Outcome>> outcomes) throws IOException {
        List<List<String>> rows = new ArrayList<>();
        outcomes.forEach((category, list) -> list.forEach(outcome -> {
            List<String> row = new ArrayList<>(List.of(category, outcome.variation()));
            row.addAll(counts(
                    outcome.decisions() == null ? null : outcome.decisions().falseAlarms()));
            row.addAll(counts(
                    outcome.decisions() == null ? null : outcome.decisions().misses()));
            row.add(MetricsCsv.perCent(outcome.imageAuroc()));
            rows.add(row);
        }));
        CsvFile.write(
                file,
                List.of(
                        "classname",
                        "variation",
                        "false-alarms",
                        "good-images",
                        "misses",
                        "defective-images",
                        "Image-AUROC"),
                rows);
    }

    private static List<String> counts(Rate rate) {
        return rate == null ? List.of("", "") : List.of(Long.toString(rate.count()), Long.toString(rate.of()));
    }
}
