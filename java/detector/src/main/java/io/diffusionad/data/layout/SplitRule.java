package io.diffusionad.data.layout;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * How good pictures are divided where a publisher does not say which of them train: the pictures of every fifth item
 * are tested, the others train. No chance is involved, and pictures of one item are never on both sides.
 *
 * @param train sorted
 * @param test sorted
 */
record SplitRule(List<Path> train, List<Path> test) {
    static final int EVERY = 5;

    /**
     * @param item the physical part that a picture shows; where there are fewer than five of them, each picture counts
     *     for itself
     */
    static SplitRule of(List<Path> good, Function<Path, String> item) {
        TreeMap<String, List<Path>> items = byItem(good, item);
        if (items.size() < EVERY) {
            items = byItem(good, Path::toString);
        }
        List<Path> train = new ArrayList<>();
        List<Path> test = new ArrayList<>();
        int number = 0;
        for (List<Path> pictures : items.values()) {
            (++number % EVERY == 0 ? test : train).addAll(pictures);
        }
        return new SplitRule(
                train.stream().sorted().toList(), test.stream().sorted().toList());
    }

    private static TreeMap<String, List<Path>> byItem(List<Path> good, Function<Path, String> item) {
        TreeMap<String, List<Path>> items = new TreeMap<>();
        good.forEach(picture -> items.computeIfAbsent(item.apply(picture), key -> new ArrayList<>())
                .add(picture));
        return items;
    }
}
