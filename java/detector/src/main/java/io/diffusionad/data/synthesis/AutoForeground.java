package io.diffusionad.data.synthesis;

import io.diffusionad.data.TrainingImages;
import io.diffusionad.image.Placement;
import io.diffusionad.image.RgbImage;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Foregrounds found by {@link ForegroundExtractor} in the training images themselves; images without a plain background
 * count as foreground throughout.
 */
public final class AutoForeground implements Foreground {
    /** One byte a pixel, or a zero-length array for "everywhere". */
    private final List<byte[]> masks;

    private final long objects;

    public AutoForeground(TrainingImages images) {
        masks = IntStream.range(0, images.count())
                .parallel()
                .mapToObj(index -> mask(images.get(index), images.placement(index)))
                .toList();
        objects = masks.stream().filter(mask -> mask.length > 0).count();
    }

    /** Bars beside a picture are no background of it. */
    private static byte[] mask(RgbImage square, Placement placement) {
        return placement == null
                ? ForegroundExtractor.extract(square).orElse(new byte[0])
                : ForegroundExtractor.extract(placement.inside(square))
                        .map(placement::intoSquare)
                        .orElse(new byte[0]);
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
        return "found in " + objects + " of " + masks.size() + " images"
                + (objects < masks.size() ? ", the whole image elsewhere" : "");
    }
}
