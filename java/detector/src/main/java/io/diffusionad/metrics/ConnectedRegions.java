package io.diffusionad.metrics;

import java.util.Arrays;

/** Labels 8-connected regions of a binary mask. */
public final class ConnectedRegions {
    private final int[] labels;
    private final int[] areas;

    private ConnectedRegions(int[] labels, int[] areas) {
        this.labels = labels;
        this.areas = areas;
    }

    /** @param mask {@code height·width} values, true inside regions */
    public static ConnectedRegions of(boolean[] mask, int width, int height) {
        int[] labels = new int[mask.length];
        int[] areas = new int[16];
        int[] stack = new int[mask.length];
        int count = 0;
        for (int start = 0; start < mask.length; start++) {
            if (!mask[start] || labels[start] != 0) {
                continue;
            }
            if (count == areas.length) {
                areas = Arrays.copyOf(areas, 2 * count);
            }
            int depth = 0;
            stack[depth++] = start;
            labels[start] = ++count;
            while (depth > 0) {
                int at = stack[--depth];
                areas[count - 1]++;
                int x = at % width;
                int y = at / width;
                for (int v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
                    for (int u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
                        int neighbour = v * width + u;
                        if (mask[neighbour] && labels[neighbour] == 0) {
                            labels[neighbour] = count;
                            stack[depth++] = neighbour;
                        }
                    }
                }
            }
        }
        return new ConnectedRegions(labels, Arrays.copyOf(areas, count));
    }

    public int count() {
        return areas.length;
    }

    /** Pixels of region 0 ≤ {@code region} &lt; count. */
    public int area(int region) {
        return areas[region];
    }

    /** The region of pixel {@code index}, or -1 outside all. */
    public int regionOf(int index) {
        return labels[index] - 1;
    }
}
