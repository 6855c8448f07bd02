package io.diffusionad.app.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.detect.Panels;
import io.diffusionad.evaluate.Evaluation;
import io.diffusionad.evaluate.ImageResult;
import io.diffusionad.image.ContactSheet;
import io.diffusionad.image.GreyImage;
import io.diffusionad.image.HeatMap;
import io.diffusionad.image.Overlay;
import io.diffusionad.image.PngWriter;
import io.diffusionad.image.ReconstructionSheet;
import io.diffusionad.image.RgbImage;
import io.diffusionad.metrics.MetricSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What an evaluation leaves behind: {@code metrics.csv}, {@code scores.jsonl}, the ten-panel sheets of some images of every kind, and
 * {@code report.html}, one page to look at. Add each evaluated model, then write.
 */
public final class EvaluationReport {
    /** Pictures that a page embeds for one model, at most; the sheets' folder and {@code scores.jsonl} hold the rest. */
    private static final int MOST_CARDS = 120;
    /** Pictures of fewer pixels are enlarged. */
    private static final int SMALLEST_PICTURE = 128;
    private static final int TRUTH_COLOUR = 0x20E060;

    private final Path folder;
    private final int sheetsPerKind;
    private final Map<String, MetricSet> metrics = new LinkedHashMap<>();
    private final StringBuilder scores = new StringBuilder();
    private final List<Section> sections = new ArrayList<>();

    private record Section(String label, Evaluation evaluation, double threshold) { }

    /** @param sheetsPerKind ten-panel sheets for this many images of every kind ("good", and each defect) */
    public EvaluationReport(Path folder, int sheetsPerKind) {
        this.folder = folder;
        this.sheetsPerKind = sheetsPerKind;
    }

    /**
     * Takes in one evaluated model and writes its sheets.
     *
     * @param label what its row is called: the category, and the checkpoint where there are several
     * @param threshold decision threshold, NaN for none
     * @param pipeline the model that was evaluated
     */
    public void add(String label, Evaluation evaluation, double threshold, DetectionPipeline pipeline) {
        metrics.put(label, evaluation.metrics());
        sections.add(new Section(label, evaluation, threshold));
        Map<String, Integer> sheets = new HashMap<>();
        for (ImageResult image : evaluation.images()) {
            scores.append(jsonLine(label, image, threshold)).append('\n');
            if (sheets.merge(image.sample().file().kind(), 1, Integer::sum) <= sheetsPerKind) {
                writeSheet(label, image, threshold, pipeline);
            }
        }
    }

    public Map<String, MetricSet> metrics() {
        return metrics;
    }

    /** Writes everything but the sheets. @param notes paragraphs under the page's title */
    public void write(String title, List<String> notes, Path lossPlot) throws IOException {
        MetricsCsv.write(folder.resolve("metrics.csv"), metrics);
        OutputFile.write(folder.resolve("scores.jsonl"), scores.toString());
        HtmlPage page = new HtmlPage(title);
        notes.forEach(page::paragraph);
        page.table(MetricsTable.rows(metrics));
        metrics.values().stream().flatMap(set -> set.absent().values().stream()).distinct().forEach(reason -> page.paragraph("\"-\": " + reason));
        sections.forEach(section -> addSection(page, section));
        if (lossPlot != null) {
            page.heading("Training").pictureFile(lossPlot, "training losses");
        }
        page.write(folder.resolve("report.html"));
    }

    private static void addSection(HtmlPage page, Section section) {
        page.heading(section.label()).svg(ScoreStrip.svg(section.evaluation(), section.threshold()));
        List<ImageResult> images = section.evaluation().images().stream()
                .sorted((a, b) -> Double.compare(b.score(), a.score())).toList();
        page.paragraph("Every image with the truth outlined in green, its heat map and its score map, most anomalous first; wrong decisions are framed in red."
                + (images.size() > MOST_CARDS ? " The page shows " + MOST_CARDS + " of " + images.size() + ", evenly chosen." : ""));
        int shown = Math.min(MOST_CARDS, images.size());
        for (int i = 0; i < shown; i++) {
            ImageResult image = images.get((int) ((long) i * images.size() / shown));
            page.card(card(image), caption(image, section.threshold()), isWrong(image, section.threshold()));
        }
    }

    private static RgbImage card(ImageResult result) {
        RgbImage image = result.sample().image();
        float[] map = result.scored().scoreMap();
        boolean[] truth = result.sample().mask();
        int scale = (SMALLEST_PICTURE + image.width() - 1) / image.width();
        return new ContactSheet("", 3, scale * image.width(), scale * image.height())
                .add("image", truth == null ? image : Overlay.contour(image, truth, TRUTH_COLOUR))
                .add("heat map", HeatMap.overlay(image, HeatMap.of(map, image.width(), image.height())))
                .add("score map", GreyImage.fromFloats(image.width(), image.height(), map))
                .render();
    }

    private void writeSheet(String label, ImageResult image, double threshold, DetectionPipeline pipeline) {
        RgbImage input = image.sample().image();
        float[] values = input.toFloats();
        Panels p = pipeline.panels(List.of(values)).get(0);
        ReconstructionSheet sheet = new ReconstructionSheet(input.width(), input.height(), values, image.sample().mask(), p.scoreMap(), p.xtSmall(),
                p.xtBig(), p.xtRenoised(), p.x0Small(), p.x0Big(), p.x0Guided());
        String file = label.replaceAll("[^A-Za-z0-9._-]+", "-") + "-" + image.sample().file().kind() + "-" + stem(image) + ".png";
        PngWriter.writeResult(folder.resolve("sheets").resolve(file), sheet.render(caption(image, threshold)));
    }

    private static String caption(ImageResult image, double threshold) {
        return String.format(Locale.ROOT, "%s/%s  score %.4f%s", image.sample().file().kind(), image.sample().file().image().getFileName(), image.score(),
                Double.isNaN(threshold) ? "" : "  " + decision(image, threshold));
    }

    private static String decision(ImageResult image, double threshold) {
        return image.score() > threshold ? "defective" : "ok";
    }

    private static boolean isWrong(ImageResult image, double threshold) {
        return !Double.isNaN(threshold) && image.score() > threshold != image.sample().file().anomalous();
    }

    private static String stem(ImageResult image) {
        return image.sample().file().image().getFileName().toString().replaceFirst("\\.[^.]+$", "");
    }

    private static String jsonLine(String label, ImageResult image, double threshold) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("model", label);
        line.put("file", image.sample().file().image().toString());
        line.put("kind", image.sample().file().kind());
        line.put("anomalous", image.sample().file().anomalous());
        line.put("score", image.score());
        if (!Double.isNaN(threshold)) {
            line.put("threshold", threshold);
            line.put("decision", decision(image, threshold));
        }
        try {
            return new ObjectMapper().writeValueAsString(line);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("scores do not become JSON", e);
        }
    }
}
