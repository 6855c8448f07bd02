package io.diffusionad.data.synthesis;

import io.diffusionad.image.RgbImage;
import io.diffusionad.random.Draw;

import java.util.random.RandomGenerator;

/** A structural anomaly out of the image itself: its 8x8 tiles in another order (SPEC §4.3). */
public final class GridShuffle {
    public static final int GRID = 8;

    private GridShuffle() {}

    /**
     * The image with whole columns of tiles reordered (the even ones shuffled, then the odd ones), then whole rows (all
     * shuffled, then the even and the odd places of that order shuffled apart, evens first).
     *
     * @param image width and height divisible by {@value #GRID}
     */
    public static RgbImage shuffle(RgbImage image, RandomGenerator random) {
        int[] columns = {0, 1, 2, 3, 4, 5, 6, 7};
        int[] rows = columns.clone();
        columns = evensThenOdds(columns, random);
        Draw.shuffle(random, rows);
        return reorder(image, columns, evensThenOdds(rows, random));
    }

    /** Tile (r, c) of the result is tile (rows[r], columns[c]) of the image. */
    static RgbImage reorder(RgbImage image, int[] columns, int[] rows) {
        int tileWidth = image.width() / GRID;
        int tileHeight = image.height() / GRID;
        if (tileWidth * GRID != image.width() || tileHeight * GRID != image.height()) {
            throw new IllegalArgumentException("an image of " + image.width() + "x" + image.height()
                    + " has no grid of " + GRID + "x" + GRID + " equal tiles");
        }
        byte[] out = new byte[image.rgb().length];
        for (int y = 0; y < image.height(); y++) {
            int sourceY = rows[y / tileHeight] * tileHeight + y % tileHeight;
            for (int c = 0; c < GRID; c++) {
                System.arraycopy(
                        image.rgb(),
                        3 * (sourceY * image.width() + columns[c] * tileWidth),
                        out,
                        3 * (y * image.width() + c * tileWidth),
                        3 * tileWidth);
            }
        }
        return new RgbImage(image.width(), image.height(), out);
    }

    private static int[] evensThenOdds(int[] order, RandomGenerator random) {
        int half = order.length / 2;
        int[] evens = new int[half];
        int[] odds = new int[half];
        for (int i = 0; i < half; i++) {
            evens[i] = order[2 * i];
            odds[i] = order[2 * i + 1];
        }
        Draw.shuffle(random, evens);
        Draw.shuffle(random, odds);
        int[] result = new int[order.length];
        System.arraycopy(evens, 0, result, 0, half);
        System.arraycopy(odds, 0, result, half, half);
        return result;
    }
}
