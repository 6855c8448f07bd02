package io.diffusionad.frame;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What frames of one part look like, by robust ranges of a few whole-frame features. A frame outside is <i>invalid</i>:
 * a covered lens, a light that is off, a lost focus, a broken cable. It is no statement about the part. Immutable.
 */
public final class FrameRange {
    /** Every frame is valid: for checkpoints that measured nothing. */
    public static final FrameRange ANY = new FrameRange(new EnumMap<>(FrameFeature.class));

    private static final double OUTER = 0.05;
    /** Stands for 0 where factors are meant. */
    private static final double LEAST = 1e-4;

    private static final int MOST_REASONS = 2;

    private final Map<FrameFeature, double[]> ranges;

    private FrameRange(Map<FrameFeature, double[]> ranges) {
        this.ranges = ranges;
    }

    /**
     * Ranges from the 5 % to the 95 % quantile of good frames, widened to either side by their distance or the
     * feature's own least margin, whichever is more. One odd frame among the good ones does not widen them.
     *
     * @param frames of good parts; {@link #ANY} when there is none. Frames whose residual is NaN do not count for that
     *     feature
     */
    public static FrameRange measure(List<FrameStatistics> frames) {
        Map<FrameFeature, double[]> ranges = new EnumMap<>(FrameFeature.class);
        for (FrameFeature feature : FrameFeature.values()) {
            double[] values = frames.stream()
                    .mapToDouble(frame -> scaled(feature, frame.get(feature)))
                    .filter(value -> !Double.isNaN(value))
                    .sorted()
                    .toArray();
            if (values.length > 0) {
                double low = quantile(values, OUTER);
                double high = quantile(values, 1 - OUTER);
                double spread = high - low;
                ranges.put(feature, new double[] {
                    unscaled(feature, low - Math.max(spread, margin(feature, feature.below))),
                    unscaled(feature, high + Math.max(spread, margin(feature, feature.above)))
                });
            }
        }
        return new FrameRange(ranges);
    }

    /** @return why the frame is invalid, in words, or empty when it looks like a picture of the part */
    public Optional<String> complaint(FrameStatistics frame) {
        List<String> reasons = new ArrayList<>();
        ranges.forEach((feature, range) -> {
            double value = frame.get(feature);
            if (!(value >= range[0] && value <= range[1])) {
                reasons.add(String.format(
                        Locale.ROOT,
                        "%s %s, expected %s to %s",
                        feature.words,
                        digits(value),
                        digits(Math.max(0, range[0])),
                        digits(range[1])));
            }
        });
        return reasons.isEmpty()
                ? Optional.empty()
                : Optional.of("no picture of this part: "
                        + String.join("; ", reasons.subList(0, Math.min(MOST_REASONS, reasons.size()))));
    }

    public boolean isAny() {
        return ranges.isEmpty();
    }

    /** Lower and upper end by the feature's key; {@link #of} reads it back. */
    public Map<String, double[]> byKey() {
        Map<String, double[]> byKey = new LinkedHashMap<>();
        ranges.forEach((feature, range) -> byKey.put(feature.key(), range.clone()));
        return Collections.unmodifiableMap(byKey);
    }

    /** What {@link #byKey} gave. @throws IllegalArgumentException for an unknown feature or an impossible range */
    public static FrameRange of(Map<String, double[]> byKey) {
        Map<FrameFeature, double[]> ranges = new EnumMap<>(FrameFeature.class);
        byKey.forEach((key, range) -> {
            FrameFeature feature = Arrays.stream(FrameFeature.values())
                    .filter(candidate -> candidate.key().equals(key))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("no feature of frames is called " + key));
            if (range.length != 2 || !(range[0] <= range[1])) {
                throw new IllegalArgumentException("the range of " + key + " is " + Arrays.toString(range));
            }
            ranges.put(feature, range.clone());
        });
        return new FrameRange(ranges);
    }

    /** Each range in words. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        ranges.forEach((feature, range) ->
                lines.add(feature.words + " " + digits(Math.max(0, range[0])) + " to " + digits(range[1])));
        return lines;
    }

    private static double margin(FrameFeature feature, double value) {
        return feature.additive ? value : Math.log(value);
    }

    private static double scaled(FrameFeature feature, double value) {
        return feature.additive ? value : Math.log(Math.max(LEAST, value));
    }

    private static double unscaled(FrameFeature feature, double value) {
        return feature.additive ? value : Math.exp(value);
    }

    private static double quantile(double[] sorted, double share) {
        double position = share * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }

    private static String digits(double value) {
        return String.format(Locale.ROOT, "%.3g", value);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FrameRange range
                && ranges.keySet().equals(range.ranges.keySet())
                && ranges.entrySet().stream()
                        .allMatch(entry -> Arrays.equals(entry.getValue(), range.ranges.get(entry.getKey())));
    }

    @Override
    public int hashCode() {
        return ranges.keySet().hashCode();
    }

    @Override
    public String toString() {
        return String.join(", ", lines());
    }
}
