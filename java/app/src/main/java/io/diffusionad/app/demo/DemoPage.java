package io.diffusionad.app.demo;

import io.diffusionad.app.report.HtmlPage;
import io.diffusionad.app.report.MetricsTable;
import io.diffusionad.metrics.TestMetrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** {@code index.html}: what the demo did, its metrics, a few ten-panel sheets, and the way to each run's own report. */
final class DemoPage {
    private static final int SHEETS_SHOWN = 4;

    private DemoPage() {}

    /** @param runs output folders by category */
    static void write(Path folder, Map<String, TestMetrics> metrics, List<String> notes, Map<String, Path> runs)
            throws IOException {
        HtmlPage page = new HtmlPage("DiffusionAD demo");
        notes.forEach(page::paragraph);
        page.table(MetricsTable.rows(metrics));
        for (Map.Entry<String, Path> run : runs.entrySet()) {
            page.heading(run.getKey())
                    .link(folder.relativize(run.getValue()) + "/report.html", "All test images of " + run.getKey());
            for (Path sheet : defectSheets(run.getValue().resolve("sheets"))) {
                page.pictureFile(sheet, sheet.getFileName().toString());
            }
        }
        page.write(folder.resolve("index.html"));
    }

    /** Sheets of defective images, evenly chosen over the kinds of defects. */
    private static List<Path> defectSheets(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> sheets = files.filter(
                            file -> !file.getFileName().toString().contains("-good-"))
                    .sorted()
                    .toList();
            int shown = Math.min(SHEETS_SHOWN, sheets.size());
            return IntStream.range(0, shown)
                    .mapToObj(i -> sheets.get(i * sheets.size() / shown))
                    .toList();
        }
    }
}
