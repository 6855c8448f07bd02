package io.diffusionad.verify;

import io.diffusionad.data.augment.ColorAugmentations;
import io.diffusionad.data.augment.SpatialAugmentations;
import io.diffusionad.data.augment.ToneAugmentations;
import io.diffusionad.image.ColorSpace;
import io.diffusionad.image.RgbImage;
import io.diffusionad.io.HostTensor;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The augmentations at parameters that the tensors' names give, as in {@code posterize_3}. */
final class AugmentCheck implements Check {
    private static final String NUMBER = "(-?\\d+(?:\\.\\d+)?)";
    private static final Map<Pattern, BiFunction<RgbImage, double[], RgbImage>> AUGMENTATIONS = new LinkedHashMap<>();

    static {
        define(
                "gamma_contrast_#",
                (image, p) ->
                        ToneAugmentations.gammaContrast(image, new float[] {(float) p[0], (float) p[0], (float) p[0]}));
        define(
                "multiply_and_add_to_brightness_#_#",
                (image, p) -> ColorAugmentations.brightness(image, ColorSpace.HSV, (float) p[0], (int) p[1], true));
        define("enhance_sharpness_#", (image, p) -> SpatialAugmentations.sharpness(image, (float) p[0]));
        define(
                "add_to_hue_and_saturation_h#_s#",
                (image, p) -> ColorAugmentations.hueAndSaturation(image, (int) p[0], (int) p[1]));
        define("solarize_#", (image, p) -> ToneAugmentations.solarize(image, (int) p[0]));
        define("posterize_#", (image, p) -> ToneAugmentations.posterize(image, (int) p[0]));
        define("invert", (image, p) -> ToneAugmentations.invert(image));
        define("autocontrast_#", (image, p) -> ToneAugmentations.autocontrast(image, (int) p[0]));
        define("equalize", (image, p) -> ToneAugmentations.equalize(image));
        define("affine_rotate_#", (image, p) -> SpatialAugmentations.rotate(image, p[0]));
    }

    private static final Pattern ROTATED_MAP = Pattern.compile("perlin_rotate_" + NUMBER);
    /**
     * A rotation samples at positions rounded to 1/32 pixel, and may round to either side: this share of values may be
     * off by more than rounding.
     */
    private static final double ROTATION_SHARE = 1e-3;

    private static final double ROTATION_TOLERANCE = 1e-6;

    private static void define(String name, BiFunction<RgbImage, double[], RgbImage> augmentation) {
        AUGMENTATIONS.put(Pattern.compile(name.replace("#", NUMBER)), augmentation);
    }

    @Override
    public boolean accepts(GoldenFile file) {
        return file.has("src") || file.has("perlin_src");
    }

    @Override
    public void run(GoldenFile file, Replay replay) throws IOException {
        for (String name : file.names()) {
            for (Map.Entry<Pattern, BiFunction<RgbImage, double[], RgbImage>> augmentation : AUGMENTATIONS.entrySet()) {
                Matcher matcher = augmentation.getKey().matcher(name);
                if (matcher.matches()) {
                    byte[] actual = augmentation
                            .getValue()
                            .apply(PictureRule.rgb(file, "src"), numbers(matcher))
                            .rgb();
                    PictureRule.add(
                            replay,
                            file,
                            name,
                            actual,
                            PictureRule.rgb(file, name).rgb());
                }
            }
            Matcher rotation = ROTATED_MAP.matcher(name);
            if (rotation.matches()) {
                rotatedMap(file, replay, name, numbers(rotation)[0]);
            }
        }
    }

    private static void rotatedMap(GoldenFile file, Replay replay, String name, double degrees) throws IOException {
        HostTensor map = file.tensor("perlin_src");
        double[] expected = file.doubles(name);
        if (map.shape().length != 2 || map.elements() != expected.length) {
            throw file.invalid("perlin_src and " + name + " are no maps of one size");
        }
        double[] actual = SpatialAugmentations.rotate(map.toDoubles(), map.shape()[1], map.shape()[0], degrees);
        int beyond = 0;
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(actual[i] - expected[i]) <= ROTATION_TOLERANCE)) {
                beyond++;
            }
        }
        replay.add(
                file,
                name + ": share of values off by more than 1e-6",
                (double) beyond / expected.length,
                ROTATION_SHARE);
    }

    private static double[] numbers(Matcher matcher) {
        double[] numbers = new double[matcher.groupCount()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Double.parseDouble(matcher.group(i + 1));
        }
        return numbers;
    }
}
