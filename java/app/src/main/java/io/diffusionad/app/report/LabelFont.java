package io.diffusionad.app.report;

import org.apache.fontbox.ttf.GlyphData;
import org.apache.fontbox.ttf.TTFParser;
import org.apache.fontbox.ttf.TrueTypeFont;
import org.apache.pdfbox.io.RandomAccessReadBuffer;
import org.apache.pdfbox.pdmodel.PDDocument;

import java.awt.geom.AffineTransform;
import java.awt.geom.GeneralPath;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Labels in pictures, in the outlines of Liberation Sans, which comes with a library: they need no font installed,
 * which a server's Java often lacks, and are the same to the bit everywhere. Thread-safe.
 */
final class LabelFont {
    private static final String RESOURCE = "/org/apache/pdfbox/resources/ttf/LiberationSans-Regular.ttf";
    private static final String ELLIPSIS = "\u2026";
    /** Samples along each side of a pixel. */
    private static final int SAMPLES = 4;

    private static TrueTypeFont outlines;

    private final double scale;
    private final int ascent;
    private final int height;
    private final Map<Integer, Glyph> glyphs = new ConcurrentHashMap<>();

    /** @param coverage (height, width) 0…255, its upper left corner at (left, top) from the pen on the baseline */
    private record Glyph(int left, int top, int width, int height, byte[] coverage, double advance) {}

    /** @param pixels of an em, about 1.4 times the height of a capital */
    LabelFont(int pixels) {
        try {
            scale = pixels / (double) outlines().getUnitsPerEm();
            ascent = (int) Math.ceil(outlines().getHorizontalHeader().getAscender() * scale);
            height = ascent + (int) Math.ceil(-outlines().getHorizontalHeader().getDescender() * scale);
        } catch (IOException e) {
            throw new UncheckedIOException("the font " + RESOURCE + " cannot be read", e);
        }
    }

    /** Pixels of a line. */
    int height() {
        return height;
    }

    /** Pixels that a line of text takes. */
    int width(String text) {
        return (int) Math.ceil(text.codePoints()
                .mapToDouble(character -> glyph(character).advance())
                .sum());
    }

    /** The text, or as much of it as fits into so many pixels with an ellipsis behind. */
    String cut(String text, int pixels) {
        if (width(text) <= pixels) {
            return text;
        }
        int length = text.length();
        while (length > 0 && width(text.substring(0, length) + ELLIPSIS) > pixels) {
            length--;
        }
        return text.substring(0, length) + ELLIPSIS;
    }

    /**
     * Draws into {@code rgb} (rows of {@code imageWidth} pixels) with the line's upper left corner at (x, y); what lies
     * outside is cut off.
     */
    void draw(byte[] rgb, int imageWidth, int imageHeight, int x, int y, String text, int color) {
        double pen = x;
        for (int character : text.codePoints().toArray()) {
            Glyph glyph = glyph(character);
            blend(
                    rgb,
                    imageWidth,
                    imageHeight,
                    (int) Math.round(pen) + glyph.left(),
                    y + ascent + glyph.top(),
                    glyph,
                    color);
            pen += glyph.advance();
        }
    }

    private static void blend(byte[] rgb, int imageWidth, int imageHeight, int x, int y, Glyph glyph, int color) {
        for (int v = Math.max(0, -y); v < Math.min(glyph.height(), imageHeight - y); v++) {
            for (int u = Math.max(0, -x); u < Math.min(glyph.width(), imageWidth - x); u++) {
                int ink = glyph.coverage()[v * glyph.width() + u] & 0xFF;
                int at = 3 * ((y + v) * imageWidth + x + u);
                for (int c = 0; c < 3; c++) {
                    int paper = rgb[at + c] & 0xFF;
                    rgb[at + c] = (byte) (paper + ((color >> 16 - 8 * c & 0xFF) - paper) * ink / 255);
                }
            }
        }
    }

    private Glyph glyph(int character) {
        return glyphs.computeIfAbsent(character, this::rasterize);
    }

    private Glyph rasterize(int character) {
        try {
            TrueTypeFont font = outlines();
            synchronized (LabelFont.class) { // the parser reads outlines from its stream when they are asked for
                int id = font.getUnicodeCmapLookup().getGlyphId(character);
                double advance = font.getAdvanceWidth(id) * scale;
                GlyphData outline = font.getGlyph().getGlyph(id); // of an unknown character: a box
                GeneralPath path = outline == null ? new GeneralPath() : new GeneralPath(outline.getPath());
                path.transform(new AffineTransform(scale, 0, 0, -scale, 0, 0));
                return rasterize(path, advance);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the font " + RESOURCE + " cannot be read", e);
        }
    }

    private static Glyph rasterize(GeneralPath path, double advance) {
        Rectangle2D bounds = path.getBounds2D();
        if (bounds.isEmpty()) {
            return new Glyph(0, 0, 0, 0, new byte[0], advance);
        }
        int left = (int) Math.floor(bounds.getMinX());
        int top = (int) Math.floor(bounds.getMinY());
        int width = (int) Math.ceil(bounds.getMaxX()) - left;
        int height = (int) Math.ceil(bounds.getMaxY()) - top;
        byte[] coverage = new byte[width * height];
        for (int i = 0; i < coverage.length; i++) {
            int inside = 0;
            for (int s = 0; s < SAMPLES * SAMPLES; s++) {
                inside += path.contains(
                                left + i % width + (s % SAMPLES + 0.5) / SAMPLES,
                                top + i / width + (s / SAMPLES + 0.5) / SAMPLES)
                        ? 1
                        : 0;
            }
            coverage[i] = (byte) (255 * inside / (SAMPLES * SAMPLES));
        }
        return new Glyph(left, top, width, height, coverage, advance);
    }

    private static synchronized TrueTypeFont outlines() throws IOException {
        if (outlines == null) {
            try (InputStream in = PDDocument.class.getResourceAsStream(RESOURCE)) {
                if (in == null) {
                    throw new IllegalStateException("the program lacks its font " + RESOURCE);
                }
                outlines = new TTFParser().parse(new RandomAccessReadBuffer(in));
            }
        }
        return outlines;
    }
}
