package io.diffusionad.app.report;

import io.diffusionad.image.PngWriter;
import io.diffusionad.image.RgbImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;

/** Writes one self-contained HTML page: style and pictures are inside the file, so it can be mailed or kept. */
public final class HtmlPage {
    private static final String STYLE = """
            body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:1200px;padding:0 1rem;color:#1d1f23;background:#fff}
            h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem;border-bottom:1px solid #ddd}
            table{border-collapse:collapse;margin:1rem 0}th,td{padding:.3rem .8rem;text-align:right;border-bottom:1px solid #e4e4e4}
            th:first-child,td:first-child{text-align:left}th{background:#f6f6f6}
            .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(330px,1fr));gap:1rem}
            figure{margin:0;border:1px solid #ddd;border-radius:6px;padding:.6rem;overflow:hidden}figure.wrong{border:2px solid #c62828}
            figure img{width:100%;height:auto;display:block}figcaption{font-size:.85rem;margin-top:.4rem;overflow-wrap:anywhere}
            .wide img{max-width:100%}.note{color:#555}
            @media(prefers-color-scheme:dark){body{background:#16181c;color:#e6e6e6}th{background:#22252b}th,td{border-color:#333}figure{border-color:#444}.note{color:#aaa}}
            """;

    private final StringBuilder body = new StringBuilder();
    private final String title;
    private boolean inCards;

    public HtmlPage(String title) {
        this.title = title;
        body.append("<h1>").append(escape(title)).append("</h1>\n");
    }

    public HtmlPage heading(String text) {
        endCards();
        body.append("<h2>").append(escape(text)).append("</h2>\n");
        return this;
    }

    public HtmlPage paragraph(String text) {
        endCards();
        body.append("<p class=\"note\">").append(escape(text)).append("</p>\n");
        return this;
    }

    /** @param rows the header first */
    public HtmlPage table(List<List<String>> rows) {
        endCards();
        body.append("<table>\n");
        for (int i = 0; i < rows.size(); i++) {
            String tag = i == 0 ? "th" : "td";
            body.append("<tr>");
            rows.get(i).forEach(cell -> body.append('<').append(tag).append('>').append(escape(cell)).append("</").append(tag).append('>'));
            body.append("</tr>\n");
        }
        body.append("</table>\n");
        return this;
    }

    /** A PNG file across the page. */
    public HtmlPage pictureFile(Path png, String description) throws IOException {
        endCards();
        body.append("<p class=\"wide\"><img loading=\"lazy\" src=\"").append(dataUri(Files.readAllBytes(png))).append("\" alt=\"")
                .append(escape(description)).append("\"></p>\n");
        return this;
    }

    /** A drawing that is already SVG. */
    HtmlPage svg(String drawing) {
        endCards();
        body.append(drawing);
        return this;
    }

    /** A picture in the grid that consecutive cards form. @param wrong marks it in red */
    public HtmlPage card(RgbImage image, String caption, boolean wrong) {
        if (!inCards) {
            body.append("<div class=\"cards\">\n");
            inCards = true;
        }
        body.append("<figure").append(wrong ? " class=\"wrong\"" : "").append("><img loading=\"lazy\" src=\"").append(dataUri(PngWriter.encode(image)))
                .append("\" alt=\"").append(escape(caption)).append("\"><figcaption>").append(escape(caption)).append("</figcaption></figure>\n");
        return this;
    }

    /** A link to a file beside the page. */
    public HtmlPage link(String target, String text) {
        endCards();
        body.append("<p><a href=\"").append(escape(target)).append("\">").append(escape(text)).append("</a></p>\n");
        return this;
    }

    public void write(Path file) throws IOException {
        endCards();
        String page = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>"
                + escape(title) + "</title>\n<style>\n" + STYLE + "</style></head><body>\n" + body + "</body></html>\n";
        OutputFile.write(file, page.getBytes(StandardCharsets.UTF_8));
    }

    private void endCards() {
        if (inCards) {
            body.append("</div>\n");
            inCards = false;
        }
    }

    private static String dataUri(byte[] png) {
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
    }

    static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
