package io.diffusionad.data.mask;

import io.diffusionad.image.StoredPicture;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What one mask looks like, before anybody decides what it means.
 *
 * @param coding where its marking is
 * @param lossy whether its compression changes pixels
 * @param codes the different codes of its pixels, at most {@link #MOST_CODES}
 * @param border the commonest code of its outermost pixels
 * @param between pixels whose level lies between the background's and the mask's highest
 * @param rims those of them that have both a lower and a higher neighbor, as the pixels of a soft edge have
 * @param pixels in all
 */
record MaskFile(
        Path file, Coding coding, boolean lossy, Set<Integer> codes, int border, long between, long rims, long pixels) {
    /** More different codes than classes are never needed to know that edges are soft. */
    static final int MOST_CODES = 4096;

    static MaskFile look(Path file) {
        StoredPicture picture = StoredPicture.read(file);
        Coding coding = coding(picture);
        int width = picture.width();
        int height = picture.height();
        Set<Integer> codes = new HashSet<>();
        Map<Integer, Integer> border = new HashMap<>();
        int[] row = new int[width];
        int[] scratch = new int[width];
        for (int y = 0; y < height; y++) {
            coding.read(picture, y, row, scratch);
            int step = y == 0 || y == height - 1 ? 1 : Math.max(1, width - 1);
            for (int x = 0; x < width; x += step) {
                border.merge(row[x], 1, Integer::sum);
            }
            int last = Integer.MIN_VALUE;
            for (int x = 0; x < width; x++) {
                if (row[x] != last && codes.size() < MOST_CODES) {
                    codes.add(row[x]);
                }
                last = row[x];
            }
        }
        int commonest = border.entrySet().stream()
                .max(Map.Entry.<Integer, Integer>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                .orElseThrow()
                .getKey();
        int background = coding != Coding.COLOR && codes.contains(0) ? 0 : commonest;
        long[] counts = codes.size() <= 2 ? new long[2] : soft(picture, coding, background);
        return new MaskFile(
                file,
                coding,
                picture.isLossy(),
                Set.copyOf(codes),
                commonest,
                counts[0],
                counts[1],
                (long) width * height);
    }

    /** The highest level of any pixel. */
    int highest(int background) {
        return codes.stream()
                .mapToInt(code -> coding.level(code, background))
                .max()
                .orElse(0);
    }

    /** Whether the reference finds a defect in it at its own size. */
    boolean hasFullWhite() {
        return switch (coding) {
            case GREY -> codes.stream().anyMatch(code -> code == 255 || code >= 255 << 8);
            case COLOR -> codes.contains(0xFFFFFF);
            case INDEX, ALPHA -> true;
        };
    }

    private static Coding coding(StoredPicture picture) {
        int width = picture.width();
        int[] colors = new int[width];
        int[] alphas = new int[width];
        Set<Integer> visible = new HashSet<>();
        int leastAlpha = Integer.MAX_VALUE;
        int mostAlpha = 0;
        int transparentBorder = 0;
        boolean grey = true;
        int last = -2;
        for (int y = 0; y < picture.height(); y++) {
            picture.colors(y, colors);
            if (picture.hasAlpha()) {
                picture.alpha(y, alphas);
            }
            for (int x = 0; x < width; x++) {
                if (picture.hasAlpha()) {
                    leastAlpha = Math.min(leastAlpha, alphas[x]);
                    mostAlpha = Math.max(mostAlpha, alphas[x]);
                    boolean outermost = y == 0 || x == 0 || y == picture.height() - 1 || x == width - 1;
                    transparentBorder += !outermost ? 0 : alphas[x] == 0 ? 1 : -1;
                    if (alphas[x] == 0) {
                        continue;
                    }
                }
                if (colors[x] != last) {
                    last = colors[x];
                    grey &= picture.isGrey()
                            || (last & 0xFF) == (last >> 8 & 0xFF) && (last & 0xFF) == (last >> 16 & 0xFF);
                    if (visible.size() < 2) {
                        visible.add(last);
                    }
                }
            }
        }
        if (picture.hasAlpha()
                && (mostAlpha == 0 || leastAlpha < mostAlpha && (visible.size() < 2 || transparentBorder > 0))) {
            return Coding.ALPHA;
        }
        if (picture.hasPalette() && visible.size() < 2 && severalIndices(picture)) {
            return Coding.INDEX;
        }
        return grey ? Coding.GREY : Coding.COLOR;
    }

    private static boolean severalIndices(StoredPicture picture) {
        int[] row = new int[picture.width()];
        picture.indices(0, row);
        int first = row[0];
        for (int y = 0; y < picture.height(); y++) {
            picture.indices(y, row);
            for (int index : row) {
                if (index != first) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Pixels between the lowest and the highest level, and those of them on a slope. */
    private static long[] soft(StoredPicture picture, Coding coding, int background) {
        int width = picture.width();
        int height = picture.height();
        int highest = 0;
        int[][] rows = new int[3][width];
        int[] scratch = new int[width];
        for (int y = 0; y < height; y++) {
            levels(picture, coding, background, y, rows[0], scratch);
            for (int level : rows[0]) {
                highest = Math.max(highest, level);
            }
        }
        long between = 0;
        long rims = 0;
        for (int y = -1; y < height; y++) {
            if (y + 1 < height) {
                levels(picture, coding, background, y + 1, rows[(y + 1) % 3], scratch);
            }
            if (y < 0) {
                continue;
            }
            int[] above = rows[(Math.max(0, y - 1)) % 3];
            int[] here = rows[y % 3];
            int[] below = rows[Math.min(height - 1, y + 1) % 3];
            for (int x = 0; x < width; x++) {
                int level = here[x];
                if (level == 0 || level == highest) {
                    continue;
                }
                between++;
                boolean lower = false;
                boolean higher = false;
                for (int i = Math.max(0, x - 1); i <= Math.min(width - 1, x + 1); i++) {
                    lower |= above[i] < level || here[i] < level || below[i] < level;
                    higher |= above[i] > level || here[i] > level || below[i] > level;
                }
                rims += lower && higher ? 1 : 0;
            }
        }
        return new long[] {between, rims};
    }

    private static void levels(StoredPicture picture, Coding coding, int background, int y, int[] out, int[] scratch) {
        coding.read(picture, y, out, scratch);
        for (int x = 0; x < out.length; x++) {
            out[x] = coding.level(out[x], background);
        }
    }
}
