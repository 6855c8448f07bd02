package io.diffusionad.data.check;

import io.diffusionad.data.check.Finding.Kind;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Pictures that differ from the rest of their category in size, depth or brightness. */
final class Outliers {
    private static final int CONSTANT_RANGE = 2;
    private static final int BLACK = 15;
    private static final int WHITE = 240;
    private static final int FEW_LEVELS = 31;
    private static final double DARK_MEAN = 40;

    private Outliers() {}

    static List<Finding> sizes(List<PictureFacts> pictures) {
        return unlike(pictures, PictureFacts::size, Kind.SIZE);
    }

    static List<Finding> depths(List<PictureFacts> pictures) {
        return unlike(pictures, PictureFacts::depth, Kind.DEPTH);
    }

    /** What the pictures have and how many, most frequent first: "900x900 (83), 800x900 (1)". */
    static String frequencies(List<PictureFacts> pictures, Function<PictureFacts, String> property) {
        List<Map.Entry<String, Integer>> counts = counts(pictures, property);
        if (counts.size() == 1) {
            return counts.get(0).getKey();
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(3, counts.size()); i++) {
            text.append(i == 0 ? "" : ", ")
                    .append(counts.get(i).getKey())
                    .append(" (")
                    .append(counts.get(i).getValue())
                    .append(')');
        }
        return counts.size() > 3 ? text + " and " + (counts.size() - 3) + " others" : text.toString();
    }

    private static List<Map.Entry<String, Integer>> counts(
            List<PictureFacts> pictures, Function<PictureFacts, String> property) {
        Map<String, Integer> counts = new TreeMap<>();
        pictures.forEach(picture -> counts.merge(property.apply(picture), 1, Integer::sum));
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder()))
                .toList();
    }

    /** Where most are of one sort, the others are outliers; where every picture has a size of its own, none is. */
    private static List<Finding> unlike(
            List<PictureFacts> pictures, Function<PictureFacts, String> property, Kind kind) {
        List<Map.Entry<String, Integer>> counts = counts(pictures, property);
        if (counts.size() < 2 || counts.get(0).getValue() * 4 < pictures.size() * 3) {
            return List.of();
        }
        String usual = counts.get(0).getKey();
        return pictures.stream()
                .filter(picture -> !property.apply(picture).equals(usual))
                .map(picture -> new Finding(kind, picture.file(), property.apply(picture) + ", the rest " + usual))
                .toList();
    }

    static List<Finding> brightness(List<PictureFacts> pictures) {
        double usual = median(pictures, PictureFacts::mean);
        if (!pictures.isEmpty() && median(pictures, picture -> (double) picture.high()) <= FEW_LEVELS) {
            PictureFacts first = pictures.get(0);
            int max = pictures.stream().mapToInt(PictureFacts::max).max().orElse(0);
            return List.of(new Finding(
                    Kind.LEVELS,
                    first.file(),
                    "as most others reads levels up to " + max
                            + " of 255 only: too dark to tell much apart, or a camera of 10 or 12 bits "
                            + "in files of 16, which --levels full reads"));
        }
        List<Finding> findings = new ArrayList<>();
        for (PictureFacts picture : pictures) {
            String words = words(picture, usual);
            if (words != null) {
                findings.add(new Finding(Kind.DARK, picture.file(), words));
            }
        }
        return findings;
    }

    private static String words(PictureFacts picture, double usual) {
        if (picture.max() - picture.min() <= CONSTANT_RANGE) {
            return "every pixel has the same brightness, " + Math.round(picture.mean());
        }
        if (picture.high() <= BLACK) {
            return "nearly black: 99 % of its pixels are at " + picture.high() + " of 255 or below";
        }
        if (picture.low() >= WHITE && usual < WHITE) {
            return "nearly white: 99 % of its pixels are at " + picture.low() + " of 255 or above";
        }
        if (picture.mean() < DARK_MEAN && picture.mean() < usual / 4) {
            return "much darker than the rest: a mean of " + Math.round(picture.mean()) + ", usual is "
                    + Math.round(usual);
        }
        return null;
    }

    private static double median(List<PictureFacts> pictures, Function<PictureFacts, Double> property) {
        double[] sorted =
                pictures.stream().mapToDouble(property::apply).sorted().toArray();
        return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
    }
}
