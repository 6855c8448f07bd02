package io.diffusionad.data.augment;

import io.diffusionad.image.ColorSpace;
import io.diffusionad.image.RgbImage;
import io.diffusionad.random.Draw;

import java.util.random.RandomGenerator;

/** Three different augmentations out of ten, in random order, each with random parameters (SPEC §4.4). */
public final class AugmentationPipeline {
    /** How many of the ten are applied. */
    public static final int STEPS = 3;

    /** The ten, each drawing its own parameters. */
    public enum Step {
        GAMMA_CONTRAST {
            @Override
            public RgbImage apply(RgbImage image, RandomGenerator random) {
                float[] gammas = new float[3];
                for (int c = 0; c < 3; c++) {
                    gammas[c] = (float) Draw.uniform(random, 0.5, 2);
                }
                return ToneAugmentations.gammaContrast(image, gammas);
            }
        },
        BRIGHTNESS {
            @Override
            public RgbImage apply(RgbImage image, RandomGenerator random) {
                ColorSpace space = ColorSpace.values()[Draw.integer(random, 0, ColorSpace.values().length - 1)];
                float multiplier = (float) Draw.uniform(random, 0.8, 1.2);
                int addend = Draw.integer(random, -30, 30);
                return ColorAugmentations.brightness(image, space, multiplier, addend, Draw.chance(random, 0.5));
            }
        },
        SHARPNESS {
            @Override
            public RgbImage apply(RgbImage image, RandomGenerator random) {
                return SpatialAugmentations.sharpness(image, (float) Draw.uniform(random, 0, 2));
            }
        },
        HUE_AND_SATURATION {
            @Override
            public RgbImage apply(RgbImage image, RandomGenerator random) {
                int hue = Draw.integer(random, -50, 50);
                return ColorAugmentations.hueAndSaturation(image, hue, Draw.integer(random, -50, 50));
            }
        },
        SOLARIZE {
            @Override
            public RgbImage apply(RgbImage image, RandomGenerator random) {
                int threshold = Draw.integer(random, 32, 128);
                return Draw.chance(random, 0.5) ? ToneAugmentations.solarize(image, threshold) : image;
            }
        },
        POSTERIZE {
            @Override
            public RgbImage apply(RgbImage image, RandomGenerator random) {
                return ToneAugmentations.posterize(image, Draw.integer(random, 1, 8));
            }
        },
        INVERT {
            @Override
            public RgbImage apply(RgbImage image, RandomGenerator random) {
                return ToneAugmentations.invert(image);
            }
        },
        AUTOCONTRAST {
            @Override
            public RgbImage apply(RgbImage image, RandomGenerator random) {
                return ToneAugmentations.autocontrast(image, Draw.integer(random, 0, 20));
            }
        },
        EQUALIZE {
            @Override
            public RgbImage apply(RgbImage image, RandomGenerator random) {
                return ToneAugmentations.equalize(image);
            }
        },
        ROTATE {
            @Override
            public RgbImage apply(RgbImage image, RandomGenerator random) {
                return SpatialAugmentations.rotate(image, Draw.uniform(random, -45, 45));
            }
        };

        /** Draws this step's parameters from {@code random} and applies it. */
        public abstract RgbImage apply(RgbImage image, RandomGenerator random);
    }

    private AugmentationPipeline() {}

    /** The augmented image; it depends on the image and the generator's numbers alone. */
    public static RgbImage apply(RgbImage image, RandomGenerator random) {
        Step[] steps = Step.values();
        int[] order = new int[steps.length];
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        Draw.shuffle(random, order);
        RgbImage result = image;
        for (int i = 0; i < STEPS; i++) {
            result = steps[order[i]].apply(result, random);
        }
        return result;
    }
}
