package io.diffusionad.app.report;

import io.diffusionad.image.RgbImage;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** Pictures of one size in rows, a caption above each: the ten-panel sheets and the contact sheets. */
public final class PanelGrid {
    private static final int GAP = 6;
    private static final int CAPTION = 16;
    private static final int TITLE = 22;

    private record Panel(String caption, RgbImage image) { }

    private final String title;
    private final int columns;
    private final int size;
    private final List<Panel> panels = new ArrayList<>();

    /**
     * @param title above everything, or empty
     * @param size width and height of a panel in pixels; pictures are scaled to it
     */
    public PanelGrid(String title, int columns, int size) {
        this.title = title;
        this.columns = columns;
        this.size = size;
    }

    public PanelGrid add(String caption, RgbImage image) {
        panels.add(new Panel(caption, image));
        return this;
    }

    public BufferedImage draw() {
        int rows = (panels.size() + columns - 1) / columns;
        int top = title.isEmpty() ? GAP : TITLE + GAP;
        int width = columns * (size + GAP) + GAP;
        BufferedImage sheet = new BufferedImage(width, top + rows * (CAPTION + size + GAP), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = sheet.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        write(graphics, title, Font.BOLD, 14, GAP, TITLE - 4);
        for (int i = 0; i < panels.size(); i++) {
            int x = GAP + i % columns * (size + GAP);
            int y = top + i / columns * (CAPTION + size + GAP);
            write(graphics, panels.get(i).caption(), Font.PLAIN, 11, x, y + CAPTION - 4);
            graphics.drawImage(Pictures.toBuffered(panels.get(i).image()), x, y + CAPTION, size, size, null);
        }
        graphics.dispose();
        return sheet;
    }

    private static void write(Graphics2D graphics, String text, int style, int points, int x, int y) {
        if (!text.isEmpty() && Fonts.available()) {
            graphics.setColor(Color.BLACK);
            graphics.setFont(new Font(Font.SANS_SERIF, style, points));
            graphics.drawString(text, x, y);
        }
    }
}
