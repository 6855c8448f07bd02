package io.diffusionad.app.report;

import io.diffusionad.image.GreyImage;
import io.diffusionad.image.Resize;
import io.diffusionad.image.RgbImage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Labelled pictures in a grid on a white page, with a title line. Pictures are resized to the cell; the page grows row
 * by row.
 */
public final class ContactSheet {
    private static final int GAP = 6;
    private static final LabelFont LABELS = new LabelFont(13);
    private static final LabelFont TITLE = new LabelFont(16);
    private static final int LABEL = LABELS.height() + 3;
    private static final int INK = 0x202020;

    private final String title;
    private final int columns;
    private final int cellWidth;
    private final int cellHeight;
    private final List<String> labels = new ArrayList<>();
    private final List<RgbImage> pictures = new ArrayList<>();

    /** @param title the line above all, may be empty; @param cellWidth pixels; @param cellHeight pixels */
    public ContactSheet(String title, int columns, int cellWidth, int cellHeight) {
        if (columns < 1 || cellWidth < 1 || cellHeight < 1) {
            throw new IllegalArgumentException(columns + " columns of " + cellWidth + "x" + cellHeight);
        }
        this.title = title;
        this.columns = columns;
        this.cellWidth = cellWidth;
        this.cellHeight = cellHeight;
    }

    /** Appends a picture; labels longer than the cell are cut. */
    public ContactSheet add(String label, RgbImage picture) {
        labels.add(label);
        pictures.add(Resize.bilinear(picture, cellWidth, cellHeight));
        return this;
    }

    public ContactSheet add(String label, GreyImage picture) {
        return add(label, picture.toRgb());
    }

    /** The page with everything added so far. */
    public RgbImage render() {
        int rows = Math.max(1, (pictures.size() + columns - 1) / columns);
        int top = title.isEmpty() ? GAP : GAP + TITLE.height() + GAP;
        int width = GAP + columns * (cellWidth + GAP);
        int height = top + rows * (LABEL + cellHeight + GAP);
        byte[] page = new byte[3 * width * height];
        Arrays.fill(page, (byte) 0xFF);
        LabelFont font = TITLE.width(title) > width - 2 * GAP ? LABELS : TITLE;
        font.draw(page, width, height, GAP, GAP, font.cut(title, width - 2 * GAP), INK);
        for (int i = 0; i < pictures.size(); i++) {
            int x = GAP + i % columns * (cellWidth + GAP);
            int y = top + i / columns * (LABEL + cellHeight + GAP);
            LABELS.draw(page, width, height, x, y + 1, LABELS.cut(labels.get(i), cellWidth), INK);
            for (int row = 0; row < cellHeight; row++) {
                System.arraycopy(
                        pictures.get(i).rgb(),
                        3 * row * cellWidth,
                        page,
                        3 * ((y + LABEL + row) * width + x),
                        3 * cellWidth);
            }
        }
        return new RgbImage(width, height, page);
    }
}
