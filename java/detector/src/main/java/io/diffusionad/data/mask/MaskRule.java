package io.diffusionad.data.mask;

import io.diffusionad.image.StoredPicture;

import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What the values of a data set's masks mean. It is decided from all masks together, so that a kind of defect whose
 * masks hold 0 and 1 counts as much as one whose masks hold 0 and 255.
 */
final class MaskRule {
    /** Soft edges reach higher levels; class numbers and instance numbers seldom do. */
    private static final int FEWEST_SOFT_LEVELS = 32;

    private static final int MOST_LISTED = 4;

    private final MaskValues values;
    private final Map<Coding, Integer> backgrounds = new EnumMap<>(Coding.class);
    private final boolean soft;
    private final boolean lossy;
    private final String description;

    private MaskRule(Collection<MaskFile> files, MaskValues values) {
        this.values = values;
        backgrounds.put(Coding.ALPHA, 0);
        backgrounds.put(Coding.INDEX, 0);
        backgrounds.put(Coding.COLOR, background(of(files, Coding.COLOR), 0));
        int color = backgrounds.get(Coding.COLOR);
        boolean greyBackground = (color & 0xFF) == (color >> 8 & 0xFF) && (color & 0xFF) == (color >> 16 & 0xFF);
        backgrounds.put(
                Coding.GREY,
                of(files, Coding.COLOR).isEmpty() || !greyBackground
                        ? greyBackground(of(files, Coding.GREY))
                        : color & 0xFF);
        long between = files.stream().mapToLong(MaskFile::between).sum();
        long rims = files.stream().mapToLong(MaskFile::rims).sum();
        int highest = files.stream()
                .mapToInt(file -> file.highest(backgrounds.get(file.coding())))
                .max()
                .orElse(0);
        this.lossy = files.stream().anyMatch(MaskFile::lossy);
        this.soft = highest >= FEWEST_SOFT_LEVELS && 2 * rims > between;
        this.description = files.isEmpty() ? "" : "masks: " + describe(files);
    }

    static MaskRule of(Collection<MaskFile> files, MaskValues values) {
        return new MaskRule(files, values);
    }

    private static List<MaskFile> of(Collection<MaskFile> files, Coding coding) {
        return files.stream().filter(file -> file.coding() == coding).toList();
    }

    /**
     * The commonest border of masks that show more than one code: a mask that is all defect says nothing about the
     * background.
     */
    private static int background(List<MaskFile> files, int otherwise) {
        Map<Integer, Long> votes = files.stream()
                .filter(file -> file.codes().size() > 1 && file.border() != Coding.TRANSPARENT)
                .collect(Collectors.groupingBy(MaskFile::border, HashMap::new, Collectors.counting()));
        return votes.entrySet().stream()
                .max(Map.Entry.<Integer, Long>comparingByValue().thenComparing(entry -> -entry.getKey()))
                .map(Map.Entry::getKey)
                .orElse(otherwise);
    }

    private static int greyBackground(List<MaskFile> files) {
        return files.stream().anyMatch(file -> file.codes().contains(0)) ? 0 : background(files, 0);
    }

    /** How masks are read, in one line. */
    String description() {
        return description;
    }

    /** Whether no pixel of a mask is a defect. */
    boolean marksNothing(MaskFile file) {
        Test test = test(file.coding(), file.lossy(), file.highest(backgrounds.get(file.coding())));
        return file.codes().size() < MaskFile.MOST_CODES
                && file.codes().stream().noneMatch(test::marks);
    }

    /** The marked pixels, in the geometry of the file. @param file what is known of it */
    boolean[] marked(StoredPicture picture, MaskFile file) {
        Test test = test(file.coding(), file.lossy(), file.highest(backgrounds.get(file.coding())));
        int width = picture.width();
        boolean[] marked = new boolean[width * picture.height()];
        int[] row = new int[width];
        int[] scratch = new int[width];
        for (int y = 0, at = 0; y < picture.height(); y++) {
            file.coding().read(picture, y, row, scratch);
            for (int x = 0; x < width; x++) {
                marked[at++] = test.marks(row[x]);
            }
        }
        return marked;
    }

    private interface Test {
        boolean marks(int code);
    }

    private Test test(Coding coding, boolean lossy, int highest) {
        int background = backgrounds.get(coding);
        return switch (values.mode()) {
            case ANY -> code -> coding.level(code, background) > 0;
            case HALF -> half(coding, background, highest);
            case LIST ->
                coding == Coding.COLOR
                        ? values.colors()::contains
                        : coding == Coding.GREY
                                ? code -> values.names(code) || values.colors().contains(code * 0x010101)
                                : values::names;
            case AUTO -> soft || lossy ? half(coding, background, highest) : code -> coding.level(code, background) > 0;
        };
    }

    private static Test half(Coding coding, int background, int highest) {
        return code -> highest > 0 && 2 * coding.level(code, background) >= highest;
    }

    private String describe(Collection<MaskFile> files) {
        String chosen = " (--mask-values " + values + ")";
        String half = "a defect from half of each mask's own maximum on";
        return switch (values.mode()) {
            case ANY -> "any value but the background's is a defect" + chosen;
            case HALF -> half + chosen;
            case LIST -> "values " + values + " are a defect" + chosen;
            case AUTO ->
                files.stream().allMatch(MaskFile::lossy)
                        ? "JPEG, " + half
                        : soft
                                ? "soft edges, " + half
                                : hard(files) + (lossy ? "; JPEG masks from half of their own maximum on" : "");
        };
    }

    private String hard(Collection<MaskFile> files) {
        StringBuilder text = new StringBuilder();
        for (Coding coding : Coding.values()) {
            TreeSet<Integer> codes = of(files, coding).stream()
                    .flatMap(file -> file.codes().stream())
                    .collect(Collectors.toCollection(TreeSet::new));
            codes.remove(Coding.TRANSPARENT);
            if (!codes.isEmpty()) {
                text.append(text.length() == 0 ? "" : "; ").append(hard(coding, codes));
            }
        }
        return text.toString();
    }

    private String hard(Coding coding, TreeSet<Integer> codes) {
        int background = backgrounds.get(coding);
        return switch (coding) {
            case COLOR -> String.format(Locale.ROOT, "in color on #%06x, any other color is a defect", background);
            case ALPHA -> "with alpha, whatever is not transparent is a defect";
            case INDEX -> "palette indices, any but " + background + " is a defect";
            case GREY ->
                list(codes)
                        + (background == 0
                                ? ", any value above 0 is a defect"
                                : ", any value but " + background + " is a defect");
        };
    }

    private static String list(TreeSet<Integer> codes) {
        if (codes.size() > MOST_LISTED) {
            return codes.size() + " values from " + codes.first() + " to " + codes.last();
        }
        String last = String.valueOf(codes.last());
        String others =
                codes.headSet(codes.last()).stream().map(String::valueOf).collect(Collectors.joining(", "));
        return others.isEmpty() ? last : others + " and " + last;
    }
}
