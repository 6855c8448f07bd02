package io.diffusionad.evaluate;

import io.diffusionad.data.Category;
import io.diffusionad.random.PhiloxRandom;
import io.diffusionad.random.Purpose;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Good images divided into those that are trained on and those kept back, by seed.
 *
 * @param training the category without the images kept back
 * @param heldOut the category with those images alone, or null when none is kept back
 */
public record HeldOutSplit(Category training, Category heldOut) {
    /** Fewer good images than this all train. */
    public static final int MIN_IMAGES = 8;

    private static final int MIN_HELD_OUT = 2;
    private static final int LARGEST_PART = 4;

    /** @param share of the good images to keep back, 0 to below 1 */
    public static HeldOutSplit of(Category category, double share, long seed) {
        return of(category, share, 0, seed);
    }

    /**
     * A category that brings its own validation images keeps back those, and trains on all others.
     *
     * @param share of the good images to keep back, 0 to below 1
     * @param wished keeps back so many where the share is fewer, but no more than a {@value #LARGEST_PART}th of the
     *     images; nothing where the share is 0
     */
    public static HeldOutSplit of(Category category, double share, int wished, long seed) {
        if (!category.validation().isEmpty()) {
            return new HeldOutSplit(category, with(category, category.validation()));
        }
        List<Path> shuffled = new ArrayList<>(category.train());
        int count = share == 0 || shuffled.size() < MIN_IMAGES ? 0 : count(shuffled.size(), share, wished);
        if (count == 0) {
            return new HeldOutSplit(category, null);
        }
        PhiloxRandom random = new PhiloxRandom(seed, Purpose.VALIDATION, -1);
        for (int i = 0; i < count; i++) {
            int other = i + random.nextInt(shuffled.size() - i);
            Path chosen = shuffled.get(other);
            shuffled.set(other, shuffled.get(i));
            shuffled.set(i, chosen);
        }
        return new HeldOutSplit(
                with(category, shuffled.subList(count, shuffled.size())), with(category, shuffled.subList(0, count)));
    }

    private static int count(int images, double share, int wished) {
        return Math.max(
                Math.max(MIN_HELD_OUT, (int) Math.round(share * images)), Math.min(wished, images / LARGEST_PART));
    }

    private static Category with(Category category, List<Path> images) {
        return category.withTrain(images.stream().sorted().toList());
    }
}
