package io.diffusionad.data.synthesis;

import io.diffusionad.random.Draw;

import java.util.random.RandomGenerator;

/**
 * A random upright rectangle or ellipse over a third to all of each side, drawn for every sample: anomalies of bounded
 * extent on textures.
 */
public final class RandomForeground implements Foreground {
    private static final double SMALLEST_SIDE = 1.0 / 3;
    private final int width;
    private final int height;

    public RandomForeground(int width, int height) {
        this.width = width;
        this.height = height;
    }

    @Override
    public float[] of(int image, RandomGenerator random) {
        boolean ellipse = Draw.chance(random, 0.5);
        double halfWidth = Draw.uniform(random, SMALLEST_SIDE, 1) / 2;
        double halfHeight = Draw.uniform(random, SMALLEST_SIDE, 1) / 2;
        double cx = Draw.uniform(random, halfWidth, 1 - halfWidth);
        double cy = Draw.uniform(random, halfHeight, 1 - halfHeight);
        float[] mask = new float[width * height];
        for (int i = 0; i < mask.length; i++) {
            double x = Math.abs((i % width + 0.5) / width - cx) / halfWidth;
            double y = Math.abs((i / width + 0.5) / height - cy) / halfHeight;
            mask[i] = (ellipse ? x * x + y * y <= 1 : x <= 1 && y <= 1) ? 1f : 0f;
        }
        return mask;
    }

    @Override
    public String description() {
        return "random rectangles and ellipses";
    }
}
