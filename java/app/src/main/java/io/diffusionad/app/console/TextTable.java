package io.diffusionad.app.console;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A table in plain text: the first column to the left, numbers to the right. */
public final class TextTable {
    private final List<String[]> rows = new ArrayList<>();

    public TextTable(String... header) {
        rows.add(header.clone());
    }

    public void row(String... cells) {
        if (cells.length != rows.get(0).length) {
            throw new IllegalArgumentException(Arrays.toString(cells) + " under " + Arrays.toString(rows.get(0)));
        }
        rows.add(cells.clone());
    }

    @Override
    public String toString() {
        int[] widths = new int[rows.get(0).length];
        for (String[] row : rows) {
            for (int c = 0; c < row.length; c++) {
                widths[c] = Math.max(widths[c], row[c].length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int c = 0; c < row.length; c++) {
                String padding = " ".repeat(widths[c] - row[c].length());
                line.append(c == 0 ? row[c] + padding : "  " + padding + row[c]);
            }
            text.append(line.toString().stripTrailing()).append(System.lineSeparator());
        }
        return text.toString().stripTrailing();
    }
}
