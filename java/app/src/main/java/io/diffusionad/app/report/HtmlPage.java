package io.diffusionad.app.report;

import io.diffusionad.image.PngWriter;
import io.diffusionad.image.RgbImage;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * Writes one self-contained HTML page: style, script and pictures are inside the file, so it can be mailed or kept. It
 * reads without JavaScript, which only filters, sorts and enlarges.
 */
public final class HtmlPage {
    private final StringBuilder body = new StringBuilder();
    private final String title;

    public HtmlPage(String title) {
        this.title = title;
        body.append("<h1>").append(escape(title)).append("</h1>\n");
    }

    public HtmlPage heading(String text) {
        body.append("<h2>").append(escape(text)).append("</h2>\n");
        return this;
    }

    HtmlPage subheading(String text) {
        body.append("<h3>").append(escape(text)).append("</h3>\n");
        return this;
    }

    public HtmlPage paragraph(String text) {
        body.append("<p class=\"note\">").append(escape(text)).append("</p>\n");
        return this;
    }

    /** A paragraph that nobody should pass over. */
    public HtmlPage warning(String text) {
        body.append("<p class=\"warning\">").append(escape(text)).append("</p>\n");
        return this;
    }

    /** @param rows the header first */
    public HtmlPage table(List<List<String>> rows) {
        body.append("<div class=\"scroll\"><table>\n");
        for (int i = 0; i < rows.size(); i++) {
            String tag = i == 0 ? "th" : "td";
            body.append("<tr>");
            rows.get(i).forEach(cell -> body.append('<')
                    .append(tag)
                    .append('>')
                    .append(escape(cell))
                    .append("</")
                    .append(tag)
                    .append('>'));
            body.append("</tr>\n");
        }
        body.append("</table></div>\n");
        return this;
    }

    /** Names and what is to be said about each. */
    public HtmlPage facts(Map<String, String> facts) {
        body.append("<table class=\"facts\">\n");
        facts.forEach((name, value) -> body.append("<tr><td>")
                .append(escape(name))
                .append("</td><td>")
                .append(escape(value))
                .append("</td></tr>\n"));
        body.append("</table>\n");
        return this;
    }

    /** A PNG file across the page. */
    public HtmlPage pictureFile(Path png, String description) throws IOException {
        body.append("<p class=\"wide\"><img loading=\"lazy\" src=\"")
                .append(dataUri("png", Files.readAllBytes(png)))
                .append("\" alt=\"")
                .append(escape(description))
                .append("\"></p>\n");
        return this;
    }

    /** What is HTML already. */
    HtmlPage html(CharSequence markup) {
        body.append(markup);
        return this;
    }

    /** A link to a file beside the page. */
    public HtmlPage link(String target, String text) {
        body.append("<p><a href=\"")
                .append(escape(target))
                .append("\">")
                .append(escape(text))
                .append("</a></p>\n");
        return this;
    }

    public void write(Path file) throws IOException {
        String page = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                + "content=\"width=device-width,initial-scale=1\"><title>"
                + escape(title) + "</title>\n<style>\n" + resource("page.css") + "</style></head><body>\n" + body
                + "<script>\n" + resource("page.js") + "</script>\n</body></html>\n";
        OutputFile.write(file, page.getBytes(StandardCharsets.UTF_8));
    }

    static String dataUri(RgbImage image) {
        return dataUri("png", PngWriter.encode(image));
    }

    /** @param format of the picture: png or jpeg */
    static String dataUri(String format, byte[] encoded) {
        return "data:image/" + format + ";base64," + Base64.getEncoder().encodeToString(encoded);
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private static String resource(String name) {
        try (InputStream in = HtmlPage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the program lacks its resource " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
