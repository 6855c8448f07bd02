package io.diffusionad.app.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * All image scores of a test set at a glance: a row of dots for each kind of image over a common axis, and the decision
 * threshold as a line.
 */
final class ScoreStrip {
    /** Scores that are spread over more than so many thresholds are drawn by their logarithm. */
    private static final double WIDE = 20;

    private static final double FEWEST_TICKS = 4;
    private static final double MANY_DECADES = 300;

    private final double low;
    private final double high;
    private final boolean logarithmic;

    private ScoreStrip(List<ReportImage> images, double threshold) {
        double largest = images.stream().mapToDouble(ReportImage::score).max().orElse(1);
        double smallest = images.stream()
                .mapToDouble(ReportImage::score)
                .filter(score -> score > 0)
                .min()
                .orElse(largest);
        logarithmic = threshold > 0 && largest / threshold > WIDE;
        low = logarithmic ? Math.max(Math.min(smallest, threshold / 2), threshold / 1000) : 0;
        high = Math.max(1e-12, Math.max(largest, Double.isNaN(threshold) ? 0 : threshold)) * (logarithmic ? 1.1 : 1.02);
    }

    /** @param threshold NaN for none */
    static String html(List<ReportImage> images, double threshold) {
        return new ScoreStrip(images, threshold).draw(images, threshold);
    }

    private String draw(List<ReportImage> images, double threshold) {
        Map<String, List<ReportImage>> rows = new LinkedHashMap<>();
        images.stream().filter(image -> !image.anomalous()).forEach(image -> rows.computeIfAbsent(
                        image.kind(), kind -> new ArrayList<>())
                .add(image));
        images.stream().filter(ReportImage::anomalous).forEach(image -> rows.computeIfAbsent(
                        image.kind(), kind -> new ArrayList<>())
                .add(image));
        String limit = Double.isNaN(threshold)
                ? ""
                : "<span class=\"limit\" style=\"left:" + percent(threshold) + "\"></span>";
        StringBuilder html = new StringBuilder("<div class=\"strip\">\n");
        rows.forEach((kind, own) -> {
            html.append("<div class=\"row\"><span class=\"kind\" title=\"")
                    .append(HtmlPage.escape(kind))
                    .append("\">")
                    .append(HtmlPage.escape(kind))
                    .append(" (")
                    .append(own.size())
                    .append(")</span><div class=\"track\">")
                    .append(limit);
            own.forEach(image -> html.append("<a class=\"dot")
                    .append(image.anomalous() ? "" : " good")
                    .append(image.isWrong() ? " off" : "")
                    .append("\" href=\"#")
                    .append(image.id())
                    .append("\" style=\"left:")
                    .append(percent(image.score()))
                    .append("\" title=\"")
                    .append(HtmlPage.escape(image.name()))
                    .append("  ")
                    .append(image.scoreText())
                    .append("\"></a>"));
            html.append("</div></div>\n");
        });
        html.append("<div class=\"row axis\"><span class=\"kind\"></span><div class=\"track\">");
        for (double tick : ticks()) {
            if (Double.isNaN(threshold) || Math.abs(position(tick) - position(threshold)) > 0.12) {
                html.append("<span class=\"tick\" style=\"left:")
                        .append(percent(tick))
                        .append("\">")
                        .append(tickText(tick))
                        .append("</span>");
            }
        }
        if (!Double.isNaN(threshold)) {
            String left =
                    String.format(Locale.ROOT, "%.2f%%", 100 * Math.max(0.12, Math.min(0.88, position(threshold))));
            html.append("<span class=\"tick limitlabel\" style=\"left:")
                    .append(left)
                    .append("\">threshold ")
                    .append(String.format(Locale.ROOT, "%.4f", threshold))
                    .append("</span>");
        }
        return html.append("</div></div>\n<p class=\"note\">Image score")
                .append(logarithmic ? " (logarithmic)" : "")
                .append(
                        ": <span style=\"color:var(--good)\">&#9679;</span> good, <span style=\"color:var(--bad)\">&#9679;</span> defective pictures; "
                                + "framed dots were decided wrongly.</p></div>\n")
                .toString();
    }

    /** At round numbers: 1, 2 or 5 times a power of ten, or powers of ten alone on a long logarithmic axis. */
    private List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        if (logarithmic) {
            double[] factors = high / low > MANY_DECADES ? new double[] {1} : new double[] {1, 2, 5};
            for (double power = Math.pow(10, Math.floor(Math.log10(low))); power <= high; power *= 10) {
                for (double factor : factors) {
                    if (power * factor >= low && power * factor <= high) {
                        ticks.add(power * factor);
                    }
                }
            }
            return ticks;
        }
        double rough = high / FEWEST_TICKS;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double step = power * (rough >= 5 * power ? 5 : rough >= 2 * power ? 2 : 1);
        for (int i = 0; i * step <= high; i++) {
            ticks.add(i * step);
        }
        return ticks;
    }

    private static String tickText(double tick) {
        return tick == 0
                ? "0"
                : tick < 1e-3
                        ? String.format(Locale.ROOT, "%.0e", tick)
                        : String.format(Locale.ROOT, "%.3f", tick).replaceFirst("\\.?0+$", "");
    }

    private double position(double score) {
        double position = logarithmic ? Math.log(Math.max(score, low) / low) / Math.log(high / low) : score / high;
        return Math.max(0, Math.min(1, position));
    }

    private String percent(double score) {
        return String.format(Locale.ROOT, "%.2f%%", 100 * position(score));
    }
}
