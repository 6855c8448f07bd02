package io.diffusionad.data.mask;

import io.diffusionad.data.Category;
import io.diffusionad.data.EveryFile;
import io.diffusionad.data.TestImage;
import io.diffusionad.image.Images;
import io.diffusionad.image.Preparation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A test set whose every picture and mask was read once, so that hours of work do not end at a damaged file.
 *
 * @param category with the test images that can be used, possibly none
 * @param masks reads their masks
 * @param smallest marked region of all; null when nothing is marked
 * @param problems by the image that is left out because it or its mask cannot be used, why; in the order of the test
 *     set
 */
public record UsableTestSet(
        Category category, MaskReader masks, SmallDefect smallest, Map<TestImage, String> problems) {
    /** Reads everything, on all cores, and keeps nothing of it. */
    public static UsableTestSet of(Category category, MaskOptions options, Preparation preparation, int size) {
        // Masks alone first: the rule by which they are read is found in all of them, and a damaged one tells nothing.
        Map<TestImage, String> unreadable =
                EveryFile.problems(category.test(), image -> image.masks().forEach(Images::readGrey));
        Category readable = without(category, unreadable);
        MaskReader masks = MaskReader.of(readable, options);
        Queue<SmallDefect> smallest = new ConcurrentLinkedQueue<>();
        Map<TestImage, String> unusable = EveryFile.problems(readable.test(), image -> {
            Mask mask = masks.read(image, preparation.read(image.image()));
            SmallDefect defect = SmallDefect.of(image.image(), mask, preparation, size);
            if (defect != null) {
                smallest.add(defect);
            }
        });
        Map<TestImage, String> problems = new LinkedHashMap<>();
        for (TestImage image : category.test()) {
            String problem = unreadable.getOrDefault(image, unusable.get(image));
            if (problem != null) {
                problems.put(image, problem);
            }
        }
        Category usable = without(readable, unusable);
        return new UsableTestSet(
                usable,
                unusable.isEmpty() ? masks : MaskReader.of(usable, options),
                SmallDefect.least(smallest),
                problems);
    }

    private static Category without(Category category, Map<TestImage, String> images) {
        List<TestImage> rest = category.test().stream()
                .filter(image -> !images.containsKey(image))
                .toList();
        return rest.size() == category.test().size()
                ? category
                : category.toBuilder().test(rest).build();
    }
}
