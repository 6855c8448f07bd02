package io.diffusionad.data.check;

import io.diffusionad.data.Category;
import io.diffusionad.data.TestImage;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A category in one line, by names alone. */
public final class DatasetSummary {
    private DatasetSummary() {}

    /** "bottle (MVTec): 209 train, 20 good and 63 defective test pictures (broken 20, scratch 43)". */
    public static String line(Category category) {
        int good = (int)
                category.test().stream().filter(image -> !image.anomalous()).count();
        return category.name() + " (" + category.layout().title() + "): "
                + counts(category.train().size(), category.validation().size(), good, defects(category));
    }

    static Map<String, Integer> defects(Category category) {
        Map<String, Integer> defects = new TreeMap<>();
        category.test().stream()
                .filter(TestImage::anomalous)
                .forEach(image -> defects.merge(image.kind(), 1, Integer::sum));
        return defects;
    }

    static String counts(int train, int validation, int good, Map<String, Integer> defects) {
        int defective = defects.values().stream().mapToInt(Integer::intValue).sum();
        String kinds = defects.size() < 2 && !defects.containsKey("bad") && defective > 0 || defects.size() > 1
                ? defects.entrySet().stream()
                        .map(kind -> kind.getKey() + " " + kind.getValue())
                        .collect(Collectors.joining(", ", " (", ")"))
                : "";
        return train + " train" + (validation == 0 ? "" : ", " + validation + " validation")
                + (good + defective == 0
                        ? ", no test pictures"
                        : ", " + good + " good and " + defective + " defective test pictures" + kinds);
    }
}
