package io.diffusionad.data.mask;

import io.diffusionad.error.InvalidInputException;

import java.util.ArrayList;
import java.util.List;

/**
 * Which values of a mask mark a defect: found out by looking ({@code auto}), or as the user says ({@code any},
 * {@code half}, or a list such as {@code 1,3,236-255,#ff0000}).
 *
 * @param text as it was given
 * @param mode how to decide
 * @param ranges closed ranges of grey levels or palette indices; of a list
 * @param colors 0xRRGGBB; of a list
 */
public record MaskValues(String text, Mode mode, List<Range> ranges, List<Integer> colors) {
    public static final MaskValues AUTO = new MaskValues("auto", Mode.AUTO, List.of(), List.of());

    /** How values are understood. */
    public enum Mode {
        /** By what the masks of the whole data set look like. */
        AUTO,
        /** Whatever differs from the background. */
        ANY,
        /** From half of a mask's own maximum on. */
        HALF,
        /** The values listed. */
        LIST
    }

    /** From {@code from} to {@code to}, both included. */
    public record Range(int from, int to) {}

    /** @throws InvalidInputException if the text is none of the above */
    public static MaskValues parse(String text) {
        String given = text.strip();
        switch (given.toLowerCase(java.util.Locale.ROOT)) {
            case "auto":
                return AUTO;
            case "any":
                return new MaskValues(given, Mode.ANY, List.of(), List.of());
            case "half":
                return new MaskValues(given, Mode.HALF, List.of(), List.of());
            default:
        }
        List<Range> ranges = new ArrayList<>();
        List<Integer> colors = new ArrayList<>();
        for (String element : given.split(",", -1)) {
            String value = element.strip();
            if (value.matches("#[0-9a-fA-F]{6}")) {
                colors.add(Integer.parseInt(value.substring(1), 16));
            } else if (value.matches("\\d{1,5}(-\\d{1,5})?")) {
                String[] ends = value.split("-");
                Range range = new Range(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]));
                if (range.from > range.to) {
                    throw new InvalidInputException(
                            "--mask-values " + value + " runs backwards; write " + range.to + "-" + range.from);
                }
                ranges.add(range);
            } else {
                throw new InvalidInputException(
                        "--mask-values " + text + " is not auto, any, half or a list such as 1,3,236-255 or #ff0000");
            }
        }
        return new MaskValues(given, Mode.LIST, List.copyOf(ranges), List.copyOf(colors));
    }

    /** Whether a list names a grey level, palette index or opacity. */
    boolean names(int value) {
        return ranges.stream().anyMatch(range -> range.from <= value && value <= range.to);
    }

    @Override
    public String toString() {
        return text;
    }
}
