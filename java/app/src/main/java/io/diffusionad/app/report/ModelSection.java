package io.diffusionad.app.report;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The part of a page about one evaluated model: what was decided wrongly first, then all scores, then the pictures. */
final class ModelSection {
    private static final int MOST_LISTED = 100;
    /** Pictures of a model that the page shows, at most; the others are in {@code scores.jsonl}. */
    static final int MOST_CARDS = 4000;

    private final ReportSource source;
    private final List<ReportImage> images;
    private final PictureStore pictures;

    ModelSection(ReportSource source, List<ReportImage> images, PictureStore pictures) {
        this.source = source;
        this.images = images.stream()
                .sorted(Comparator.comparing((ReportImage image) -> !image.isWrong())
                        .thenComparing(
                                Comparator.comparingDouble(ReportImage::score).reversed()))
                .toList();
        this.pictures = pictures;
    }

    void addTo(HtmlPage page) {
        source.warnings().forEach(warning -> page.warning("Do not rely on these decisions: " + warning));
        page.html(tiles());
        wrongDecisions(page);
        page.subheading("Scores").html(ScoreStrip.html(images, source.threshold()));
        page.subheading("Where this comes from").facts(source.facts());
        page.subheading("Pictures");
        page.paragraph(
                "Left the picture with the truth outlined in green, in the middle the heat map over it, right the bare scores from black (0) to white "
                        + "(1). Wrong decisions come first, then the highest scores. A click enlarges.");
        page.html(ColorScale.html(source.pixelThreshold()));
        gallery(page);
    }

    private String tiles() {
        long good = images.stream().filter(image -> !image.anomalous()).count();
        long defective = images.size() - good;
        if (Double.isNaN(source.threshold())) {
            return "<div class=\"tiles\">" + tile("none", "decided: there is no threshold", true)
                    + tile(String.valueOf(good), "good pictures", false)
                    + tile(String.valueOf(defective), "defective pictures", false) + "</div>\n";
        }
        long alarms = images.stream().filter(ReportImage::isFalseAlarm).count();
        long missed = images.stream().filter(ReportImage::isMissed).count();
        return "<div class=\"tiles\">"
                + tile(
                        String.valueOf(alarms),
                        (alarms == 1 ? "false alarm of " : "false alarms of ") + share(alarms, good, "good"),
                        alarms > 0)
                + tile(String.valueOf(missed), "missed of " + share(missed, defective, "defective"), missed > 0)
                + tile(String.valueOf(images.size() - alarms - missed), "right of " + images.size(), false)
                + "</div>\n";
    }

    private static String share(long count, long all, String what) {
        return all + " " + what + (all == 0 ? "" : String.format(Locale.ROOT, " (%.1f %%)", 100.0 * count / all));
    }

    private static String tile(String number, String text, boolean alert) {
        return "<div class=\"tile" + (alert ? " alert" : "") + "\"><b>" + number + "</b><span>" + HtmlPage.escape(text)
                + "</span></div>";
    }

    private void wrongDecisions(HtmlPage page) {
        List<ReportImage> wrong = images.stream().filter(ReportImage::isWrong).toList();
        page.subheading("Wrong decisions");
        if (Double.isNaN(source.threshold())) {
            page.paragraph("Nothing is decided without a threshold.");
            return;
        }
        if (wrong.isEmpty()) {
            page.paragraph("None: every picture was decided rightly.");
            return;
        }
        StringBuilder html = new StringBuilder(
                "<table class=\"list\">\n<tr><th>picture</th><th>decision</th><th>score, in thresholds</th></tr>\n");
        for (ReportImage image : wrong.subList(0, Math.min(MOST_LISTED, wrong.size()))) {
            html.append("<tr><td><a href=\"#")
                    .append(image.id())
                    .append("\">")
                    .append(HtmlPage.escape(image.name()))
                    .append("</a></td><td>")
                    .append(badge(image))
                    .append("</td><td>")
                    .append(image.scoreText())
                    .append(String.format(Locale.ROOT, " (%.2f)", image.score() / source.threshold()))
                    .append("</td></tr>\n");
        }
        page.html(html.append("</table>\n"));
        if (wrong.size() > MOST_LISTED) {
            page.paragraph("and " + (wrong.size() - MOST_LISTED) + " more, which come first among the pictures below.");
        }
    }

    private static String badge(ReportImage image) {
        return image.isFalseAlarm()
                ? "<span class=\"badge wrong\">false alarm</span>"
                : image.isMissed()
                        ? "<span class=\"badge wrong\">missed</span>"
                        : !image.isDecided()
                                ? "<span class=\"badge open\">undecided</span>"
                                : "<span class=\"badge " + image.decision() + "\">" + image.decision() + "</span>";
    }

    private void gallery(HtmlPage page) {
        List<ReportImage> shown = images.subList(0, Math.min(MOST_CARDS, images.size()));
        if (shown.size() < images.size()) {
            page.paragraph(
                    "The page shows " + shown.size() + " of " + images.size() + " pictures; scores.jsonl holds all.");
        }
        page.html("<div class=\"gallery\">\n").html(controls(shown)).html("<div class=\"cards\">\n");
        shown.forEach(image -> page.html(card(image)));
        page.html("</div></div>\n");
    }

    private String controls(List<ReportImage> shown) {
        Map<String, Long> kinds = new LinkedHashMap<>();
        shown.stream().filter(image -> !image.anomalous()).forEach(image -> kinds.merge(image.kind(), 1L, Long::sum));
        shown.stream()
                .filter(ReportImage::anomalous)
                .map(ReportImage::kind)
                .sorted()
                .forEach(kind -> kinds.merge(kind, 1L, Long::sum));
        StringBuilder html = new StringBuilder("<div class=\"controls\" hidden>")
                .append(button("all", "all", shown.size(), true))
                .append(button(
                        "wrong",
                        "wrong",
                        shown.stream().filter(ReportImage::isWrong).count(),
                        false));
        kinds.forEach((kind, count) -> html.append(button("kind:" + kind, kind, count, false)));
        return html.append(
                        "<label>sort by <select><option value=\"first\">wrong first, then score</option><option value=\"high\">score, highest first</option>"
                                + "<option value=\"low\">score, lowest first</option><option value=\"name\">name</option></select></label></div>\n")
                .toString();
    }

    private static String button(String filter, String text, long count, boolean pressed) {
        return "<button type=\"button\" data-filter=\"" + HtmlPage.escape(filter) + "\" aria-pressed=\"" + pressed
                + "\">" + HtmlPage.escape(text) + " (" + count + ")</button>";
    }

    private String card(ReportImage image) {
        StringBuilder html = new StringBuilder("<figure class=\"card")
                .append(image.isWrong() ? " wrong" : "")
                .append("\" id=\"")
                .append(image.id())
                .append("\" data-kind=\"")
                .append(HtmlPage.escape(image.kind()))
                .append("\" data-score=\"")
                .append(image.score())
                .append("\" data-name=\"")
                .append(HtmlPage.escape(image.name()))
                .append("\"><div class=\"head\"><b>")
                .append(HtmlPage.escape(image.name()))
                .append("</b>")
                .append(badge(image))
                .append("</div><div class=\"three\">");
        String[] what = {"picture", "heat map", "scores"};
        for (int i = 0; i < what.length; i++) {
            html.append("<span><img loading=\"lazy\" ")
                    .append(pictures.attributes(image.pictures() + i))
                    .append(" alt=\"")
                    .append(what[i])
                    .append(" of ")
                    .append(HtmlPage.escape(image.name()))
                    .append("\">")
                    .append(what[i])
                    .append("</span>");
        }
        return html.append("</div><figcaption>score ")
                .append(image.scoreText())
                .append(", truth: ")
                .append(image.anomalous() ? HtmlPage.escape(image.kind()) : "good")
                .append(image.isDecided() ? ", called " + image.decision() : "")
                .append("</figcaption></figure>\n")
                .toString();
    }
}
