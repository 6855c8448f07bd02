package io.diffusionad.app.report;

import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.evaluate.Evaluation;
import io.diffusionad.evaluate.EvaluationOptions;
import io.diffusionad.evaluate.ImageResult;
import io.diffusionad.metrics.TestMetrics;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What an evaluation leaves behind: {@code metrics.csv}, {@code scores.jsonl}, the ten-panel sheets of some images of
 * every kind, and {@code report.html}, one page to look at. Begin each evaluated model, give it its images as they
 * come, then write; nothing of an image is kept but its score and small pictures.
 */
public final class EvaluationReport {
    /** More pictures than these lie in a folder beside the page. */
    private static final long MOST_EMBEDDED_BYTES = 12L << 20;

    private final Path folder;
    private final int sheetsPerKind;
    private final PictureStore pictures;
    private final Map<String, TestMetrics> metrics = new LinkedHashMap<>();
    private final Map<String, String> resolutions = new LinkedHashMap<>();
    private final List<ModelReport> models = new ArrayList<>();

    /** @param sheetsPerKind ten-panel sheets for this many images of every kind ("good", and each defect) */
    public EvaluationReport(Path folder, int sheetsPerKind) {
        this.folder = folder;
        this.sheetsPerKind = sheetsPerKind;
        this.pictures = new PictureStore(folder.resolve("pictures"), MOST_EMBEDDED_BYTES);
    }

    /**
     * Begins one evaluated model.
     *
     * @param label what its row is called: the category, and the checkpoint where there are several
     * @param source what its decisions rest on
     * @param pipeline the model that is evaluated, for its sheets
     */
    public ModelReport begin(String label, ReportSource source, DetectionPipeline pipeline) {
        ModelReport model = new ModelReport(
                label,
                "m" + models.size(),
                source,
                pictures,
                new SheetWriter(folder.resolve("sheets"), sheetsPerKind, pipeline));
        models.add(model);
        return model;
    }

    /** The metrics of a model that was begun. @param resolution at which pixels were measured */
    public void finish(String label, TestMetrics measured, EvaluationOptions.Resolution resolution) {
        metrics.put(label, measured);
        resolutions.put(label, resolution.name().toLowerCase(Locale.ROOT));
    }

    /** Takes in one evaluated model whole, and writes its sheets. */
    public void add(String label, Evaluation evaluation, ReportSource source, DetectionPipeline pipeline)
            throws IOException {
        ModelReport model = begin(label, source, pipeline);
        for (ImageResult image : evaluation.images()) {
            model.accept(image);
        }
        finish(label, evaluation.measured(), evaluation.resolution());
    }

    public Map<String, TestMetrics> metrics() {
        return metrics;
    }

    /**
     * Writes everything but the sheets. @param notes paragraphs under the page's title; @param lossPlot null for none
     */
    public void write(String title, List<String> notes, Path lossPlot) throws IOException {
        MetricsCsv.write(folder.resolve("metrics.csv"), metrics);
        KindsCsv.write(folder.resolve("metrics-by-kind.csv"), metrics);
        MetricsJson.write(folder.resolve("metrics.json"), metrics, resolutions);
        StringBuilder scores = new StringBuilder();
        models.forEach(model -> scores.append(model.scoreLines()));
        OutputFile.write(folder.resolve("scores.jsonl"), scores.toString());
        HtmlPage page = new HtmlPage(title);
        notes.forEach(page::paragraph);
        for (ModelReport model : models) {
            page.heading(model.label());
            model.section().addTo(page);
        }
        page.heading("Metrics").table(MetricsTable.rows(metrics));
        page.paragraph(MetricsTable.note(resolutions.values()));
        page.table(MetricsTable.kinds(metrics));
        metrics.values().stream()
                .flatMap(one -> one.all().reasons().stream())
                .distinct()
                .forEach(reason -> page.paragraph("\"-\": " + reason));
        if (lossPlot != null) {
            page.heading("Training").pictureFile(lossPlot, "training losses");
        }
        if (!pictures.isEmbedded()) {
            page.paragraph("The pictures lie in the folder \"pictures\" beside this page: keep both together.");
        }
        page.write(folder.resolve("report.html"));
    }
}
