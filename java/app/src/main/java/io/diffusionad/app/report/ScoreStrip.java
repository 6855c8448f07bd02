package io.diffusionad.app.report;

import io.diffusionad.evaluate.Evaluation;
import io.diffusionad.evaluate.ImageResult;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** All image scores of a test set at a glance, as SVG: a row of dots for each kind of image, and the decision threshold as a line. */
final class ScoreStrip {
    private static final int WIDTH = 900;
    private static final int LABELS = 170;
    private static final int ROW = 22;
    private static final int MARGIN = 12;

    private ScoreStrip() { }

    /** @param threshold NaN for none */
    static String svg(Evaluation evaluation, double threshold) {
        Map<String, Integer> rows = new LinkedHashMap<>();
        evaluation.images().forEach(image -> rows.putIfAbsent(image.sample().file().kind(), rows.size()));
        double largest = evaluation.images().stream().mapToDouble(ImageResult::score).max().orElse(1);
        double scale = (WIDTH - LABELS - 2 * MARGIN) / Math.max(1e-12, Math.max(largest, Double.isNaN(threshold) ? 0 : threshold));
        int height = (rows.size() + 1) * ROW + MARGIN;
        StringBuilder svg = new StringBuilder(String.format(Locale.ROOT,
                "<svg viewBox=\"0 0 %d %d\" width=\"100%%\" role=\"img\" aria-label=\"image scores by kind\" font-size=\"12\" fill=\"currentColor\">\n", WIDTH, height));
        rows.forEach((kind, row) -> svg.append(String.format(Locale.ROOT, "<text x=\"0\" y=\"%d\">%s</text>\n", row * ROW + ROW - 5, HtmlPage.escape(kind))));
        for (ImageResult image : evaluation.images()) {
            svg.append(String.format(Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%d\" r=\"4\" fill=\"%s\" fill-opacity=\"0.6\"><title>%s %.4f</title></circle>\n",
                    LABELS + MARGIN + image.score() * scale, rows.get(image.sample().file().kind()) * ROW + ROW - 9,
                    image.sample().file().anomalous() ? "#d32f2f" : "#2e7d32", HtmlPage.escape(image.sample().file().image().getFileName().toString()),
                    image.score()));
        }
        if (!Double.isNaN(threshold)) {
            double x = LABELS + MARGIN + threshold * scale;
            svg.append(String.format(Locale.ROOT, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"0\" y2=\"%d\" stroke=\"currentColor\" stroke-dasharray=\"4 3\"/>\n"
                    + "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">threshold %.4f</text>\n", x, x, rows.size() * ROW, Math.min(x, WIDTH - 60), height - MARGIN, threshold));
        }
        return svg.append("</svg>\n").toString();
    }
}
