package io.diffusionad.data.synthesis;

import io.diffusionad.data.augment.SpatialAugmentations;
import io.diffusionad.random.Draw;

import java.util.random.RandomGenerator;

/** Where a synthetic anomaly lies: thresholded, turned Perlin noise within the foreground (SPEC §4.1–2). */
public final class AnomalyMask {
    /** How often the noise is drawn before an empty mask is accepted. */
    public static final int MAX_DRAWS = 50;

    private static final double THRESHOLD = 0.5;
    private static final int MAX_LATTICE_POWER = 5;

    private AnomalyMask() {}

    /**
     * @param foreground (H, W) in [0, 1], or null for everywhere
     * @return (H, W) in [0, 1]; all zero only if {@value #MAX_DRAWS} draws found nothing
     */
    public static float[] draw(int width, int height, float[] foreground, RandomGenerator random) {
        float[] mask = new float[width * height];
        for (int draw = 0; draw < MAX_DRAWS; draw++) {
            int a = Draw.integer(random, 0, MAX_LATTICE_POWER);
            int b = Draw.integer(random, 0, MAX_LATTICE_POWER);
            double[] noise = PerlinNoise.random(width, height, a, b, random);
            double[] turned = SpatialAugmentations.rotate(noise, width, height, Draw.uniform(random, -90, 90));
            boolean any = false;
            for (int i = 0; i < mask.length; i++) {
                mask[i] = turned[i] > THRESHOLD ? foreground == null ? 1f : foreground[i] : 0f;
                any |= mask[i] != 0f;
            }
            if (any) {
                break;
            }
        }
        return mask;
    }
}
