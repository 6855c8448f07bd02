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

    /** @param share of the good images to keep back, 0 to below 1 */
    public static HeldOutSplit of(Category category, double share, long seed) {
        List<Path> shuffled = new ArrayList<>(category.train());
        int count = share == 0 || shuffled.size() < MIN_IMAGES ? 0 : Math.max(MIN_HELD_OUT, (int) Math.round(share * shuffled.size()));
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
        return new HeldOutSplit(with(category, shuffled.subList(count, shuffled.size())), with(category, shuffled.subList(0, count)));
    }

    private static Category with(Category category, List<Path> images) {
        return category.withTrain(images.stream().sorted().toList());
    }
}
