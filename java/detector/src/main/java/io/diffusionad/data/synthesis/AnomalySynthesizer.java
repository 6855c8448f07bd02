package io.diffusionad.data.synthesis;

import io.diffusionad.data.Category;
import io.diffusionad.data.SampleSource;
import io.diffusionad.data.TrainingImages;
import io.diffusionad.data.TrainingSample;
import io.diffusionad.data.augment.AugmentationPipeline;
import io.diffusionad.image.Placement;
import io.diffusionad.image.RgbImage;
import io.diffusionad.random.Draw;
import io.diffusionad.random.PhiloxRandom;
import io.diffusionad.random.Purpose;

import java.util.random.RandomGenerator;

/**
 * Training samples with synthetic anomalies (SPEC §4): half of them a normal image as it is, half with an augmented
 * texture, or the augmented and shuffled image itself, blended in under a noise mask. Sample i is a pure function of
 * (seed, purpose, i). Thread-safe.
 */
public final class AnomalySynthesizer implements SampleSource {
    private static final double NORMAL = 0.5;
    private static final double SELF = 0.5;
    private static final double MIN_BETA = 0.2;
    private static final double MAX_BETA = 0.8;

    private final TrainingImages images;
    private final Foreground foreground;
    private final AnomalyTextures textures;
    private final boolean selfAnomalies;
    private final long seed;
    private final Purpose purpose;

    /**
     * @param foreground of {@code images}, by their index
     * @param selfAnomalies whether half of the anomalies are made of the image itself (objects) or none (textures)
     * @param purpose {@link Purpose#SYNTHESIS} for training, {@link Purpose#VALIDATION} for held-out samples
     */
    public AnomalySynthesizer(
            TrainingImages images,
            Foreground foreground,
            AnomalyTextures textures,
            boolean selfAnomalies,
            long seed,
            Purpose purpose) {
        this.images = images;
        this.foreground = foreground;
        this.textures = textures;
        this.selfAnomalies = selfAnomalies;
        this.seed = seed;
        this.purpose = purpose;
    }

    /**
     * Reads a category's training images and settles what the options leave open. @param purpose as in the constructor
     */
    public static AnomalySynthesizer of(Category category, SynthesisOptions options, Purpose purpose) {
        TrainingImages images = TrainingImages.load(category.train(), options.preparation(), options.size());
        AnomalyTextures textures = options.textureFolder() == null
                ? new ProceduralTextures(options.size(), options.size(), options.seed())
                : new TextureFolder(
                        options.textureFolder(), options.preparation().shrink(), options.size(), options.size());
        AutoForeground auto = new AutoForeground(images);
        boolean texture =
                switch (options.kind()) {
                    case TEXTURE -> true;
                    case OBJECT -> false;
                    case AUTO -> category.isKnownTexture() || !category.isKnownObject() && !auto.showsObjects();
                };
        Foreground foreground =
                switch (options.foreground()) {
                    case FULL -> Foreground.FULL;
                    case RANDOM -> new RandomForeground(options.size(), options.size());
                    case AUTO ->
                        ForegroundFiles.find(category, texture, options.preparation(), options.size())
                                .<Foreground>map(files -> files)
                                .orElse(texture ? Foreground.FULL : auto);
                };
        return new AnomalySynthesizer(images, foreground, textures, !texture, options.seed(), purpose);
    }

    @Override
    public TrainingSample sample(long index) {
        return draw(index).sample();
    }

    /** A sample with what it was made of, for looking at. */
    public Drawn draw(long index) {
        RandomGenerator random = new PhiloxRandom(seed, purpose, index);
        int width = images.width();
        int height = images.height();
        int chosen = Draw.integer(random, 0, images.count() - 1);
        RgbImage image = images.get(chosen);
        if (Draw.chance(random, NORMAL)) {
            return new Drawn(images.good(chosen), image, null);
        }
        Placement placement = images.placement(chosen);
        float[] room = foreground.of(chosen, random);
        float[] mask = AnomalyMask.draw(width, height, placement == null ? room : placement.withoutBars(room), random);
        RgbImage source = source(image, random);
        float beta = (float) Draw.uniform(random, MIN_BETA, MAX_BETA);
        return new Drawn(
                new TrainingSample(width, height, blend(image, source, mask, beta), mask, anyNonZero(mask), placement),
                image,
                source);
    }

    private RgbImage source(RgbImage image, RandomGenerator random) {
        if (selfAnomalies && Draw.chance(random, SELF)) {
            return GridShuffle.shuffle(AugmentationPipeline.apply(image, random), random);
        }
        return AugmentationPipeline.apply(textures.get(Draw.integer(random, 0, textures.count() - 1)), random);
    }

    /** {@code image·(1-m) + (1-β)·source·m + β·image·m}, (H, W, 3) in [0, 1]. */
    static float[] blend(RgbImage image, RgbImage source, float[] mask, float beta) {
        float[] result = image.toFloats();
        for (int i = 0; i < mask.length; i++) {
            float m = mask[i];
            for (int k = 3 * i; k < 3 * i + 3 && m != 0f; k++) {
                result[k] = result[k] * (1f - m)
                        + (1f - beta) * ((source.rgb()[k] & 0xFF) / 255f) * m
                        + beta * result[k] * m;
            }
        }
        return result;
    }

    private static boolean anyNonZero(float[] mask) {
        for (float value : mask) {
            if (value != 0f) {
                return true;
            }
        }
        return false;
    }

    public TrainingImages images() {
        return images;
    }

    /** One line for the log: what anomalies are made of and where they may lie. */
    public String description() {
        return textures.description() + (selfAnomalies ? " and shuffled images" : "") + "; foreground: "
                + foreground.description();
    }

    /**
     * A sample and its ingredients.
     *
     * @param sample what the trainer sees; @param normal the image before; @param source the anomaly's picture, null
     *     for a normal sample
     */
    public record Drawn(TrainingSample sample, RgbImage normal, RgbImage source) {}
}
