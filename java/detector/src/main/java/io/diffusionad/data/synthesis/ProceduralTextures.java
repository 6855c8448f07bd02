package io.diffusionad.data.synthesis;

import io.diffusionad.image.RgbImage;
import io.diffusionad.random.Draw;
import io.diffusionad.random.PhiloxRandom;
import io.diffusionad.random.Purpose;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.random.RandomGenerator;

/**
 * Textures computed from a seed, so that training needs nothing but normal images: {@link TextureFamily} in turn, each
 * with random shape parameters and a random palette. Made when first asked for and kept: {@value #COUNT} pictures, 12
 * MB at 128x128.
 */
public final class ProceduralTextures implements AnomalyTextures {
    public static final int COUNT = 240;

    private final int width;
    private final int height;
    private final long seed;
    private final AtomicReferenceArray<RgbImage> cache = new AtomicReferenceArray<>(COUNT);

    public ProceduralTextures(int width, int height, long seed) {
        this.width = width;
        this.height = height;
        this.seed = seed;
    }

    @Override
    public int count() {
        return COUNT;
    }

    @Override
    public RgbImage get(int index) {
        RgbImage known = cache.get(index);
        if (known == null) {
            known = paint(index); // two threads may both paint it: the pictures are equal
            cache.set(index, known);
        }
        return known;
    }

    private RgbImage paint(int index) {
        RandomGenerator random = new PhiloxRandom(seed, Purpose.TEXTURE, index);
        TextureFamily[] families = TextureFamily.values();
        float[] levels = families[index % families.length].paint(width, height, random);
        return new Palette(random).colour(levels, width, height);
    }

    @Override
    public String description() {
        return COUNT + " procedural textures in " + TextureFamily.values().length + " families";
    }

    /** Three to five colours at equal distances; levels between them are mixed. */
    private static final class Palette {
        private final float[][] colours;

        Palette(RandomGenerator random) {
            colours = new float[Draw.integer(random, 3, 5)][3];
            // Materials are seldom of pure colours, and half of the palettes vary one base colour as materials do; the
            // others are free.
            double saturation = Draw.uniform(random, 0, 1);
            double spread = Draw.chance(random, 0.5) ? 0.35 : 1;
            float[] base = {level(random), level(random), level(random)};
            for (float[] colour : colours) {
                float grey = 0;
                for (int c = 0; c < 3; c++) {
                    colour[c] = (float) (base[c] + spread * (level(random) - base[c]));
                    grey += colour[c] / 3;
                }
                for (int c = 0; c < 3; c++) {
                    colour[c] = (float) (grey + saturation * (colour[c] - grey));
                }
            }
        }

        private static float level(RandomGenerator random) {
            return (float) Draw.uniform(random, 0, 255);
        }

        RgbImage colour(float[] levels, int width, int height) {
            byte[] rgb = new byte[3 * levels.length];
            for (int i = 0; i < levels.length; i++) {
                float position = Math.max(0f, Math.min(1f, levels[i])) * (colours.length - 1);
                int below = Math.min(colours.length - 2, (int) position);
                float fraction = position - below;
                for (int c = 0; c < 3; c++) {
                    rgb[3 * i + c] = (byte)
                            Math.round(colours[below][c] + fraction * (colours[below + 1][c] - colours[below][c]));
                }
            }
            return new RgbImage(width, height, rgb);
        }
    }
}
