package io.diffusionad.data.synthesis;

import io.diffusionad.data.TrainingImages;
import java.util.List;
import java.util.random.RandomGenerator;

/** Foregrounds found by {@link ForegroundExtractor} in the training images themselves; images without a plain background count as foreground throughout. */
public final class AutoForeground implements Foreground {
    /** One byte a pixel, or a zero-length array for "everywhere". */
    private final List<byte[]> masks;
    private final long objects;

    public AutoForeground(TrainingImages images) {
        masks = images.images().parallelStream().map(ForegroundExtractor::extract).map(mask -> mask.orElse(new byte[0])).toList();
        objects = masks.stream().filter(mask -> mask.length > 0).count();
    }

    /** Whether most images show an object before a plain background. */
    public boolean showsObjects() {
        return 2 * objects > masks.size();
    }

    @Override
    public float[] of(int image, RandomGenerator random) {
        byte[] mask = masks.get(image);
        if (mask.length == 0) {
            return null;
        }
        float[] values = new float[mask.length];
        for (int i = 0; i < mask.length; i++) {
            values[i] = mask[i];
        }
        return values;
    }

    @Override
    public String description() {
        return "found in " + objects + " of " + masks.size() + " images" + (objects < masks.size() ? ", the whole image elsewhere" : "");
    }
}
