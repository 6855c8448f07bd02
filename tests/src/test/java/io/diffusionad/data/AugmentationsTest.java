package io.diffusionad.data;

import io.diffusionad.data.augment.AugmentationPipeline;
import io.diffusionad.data.augment.ColorAugmentations;
import io.diffusionad.data.augment.SpatialAugmentations;
import io.diffusionad.data.augment.ToneAugmentations;
import io.diffusionad.image.ColorSpace;
import io.diffusionad.image.Recording;
import io.diffusionad.image.RgbImage;
import io.diffusionad.random.PhiloxRandom;
import io.diffusionad.random.Purpose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.Arrays;
import java.util.stream.IntStream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Each augmentation at the recorded parameters, bit for bit. */
class AugmentationsTest {
    private final Recording recording = Recording.open("augment");
    private final RgbImage source = recording.rgb("src");

    @Test
    void gammaContrast() {
        for (float gamma : new float[] {0.7f, 1.8f}) {
            recording.assertBytes(
                    "gamma_contrast_" + gamma,
                    ToneAugmentations.gammaContrast(source, new float[] {gamma, gamma, gamma}));
        }
    }

    @Test
    void brightness() {
        recording.assertBytes(
                "multiply_and_add_to_brightness_1.15_-20",
                ColorAugmentations.brightness(source, ColorSpace.HSV, 1.15f, -20, true)
                        .rgb(),
                256,
                3,
                1,
                0.999);
        recording.assertBytes(
                "multiply_and_add_to_brightness_0.85_25",
                ColorAugmentations.brightness(source, ColorSpace.HSV, 0.85f, 25, true)
                        .rgb(),
                256,
                3,
                1,
                0.999);
    }

    @Test
    void sharpness() {
        recording.assertBytes("enhance_sharpness_0.3", SpatialAugmentations.sharpness(source, 0.3f));
        recording.assertBytes("enhance_sharpness_2.2", SpatialAugmentations.sharpness(source, 2.2f));
    }

    @Test
    void hueAndSaturation() {
        recording.assertBytes(
                "add_to_hue_and_saturation_h30_s-20",
                ColorAugmentations.hueAndSaturation(source, 30, -20).rgb(),
                256,
                3,
                1,
                0.999);
    }

    @Test
    void tones() {
        recording.assertBytes("solarize_100", ToneAugmentations.solarize(source, 100));
        recording.assertBytes("posterize_3", ToneAugmentations.posterize(source, 3));
        recording.assertBytes("invert", ToneAugmentations.invert(source));
        recording.assertBytes("autocontrast_5", ToneAugmentations.autocontrast(source, 5));
        recording.assertBytes("equalize", ToneAugmentations.equalize(source));
    }

    @Test
    void rotation() {
        recording.assertBytes("affine_rotate_30", SpatialAugmentations.rotate(source, 30));
        recording.assertBytes("affine_rotate_-45", SpatialAugmentations.rotate(source, -45));
    }

    @Test
    void rotationOfAMap() {
        double[] turned = SpatialAugmentations.rotate(recording.tensor("map").toDoubles(), 64, 64, 40);
        double[] expected = recording.tensor("map_rotate_40").toDoubles();
        assertArrayEquals(expected, turned, 0.02);
        long equal = IntStream.range(0, turned.length)
                .filter(i -> Math.abs(turned[i] - expected[i]) < 1e-9)
                .count();
        assertTrue(equal >= 0.99 * turned.length, equal + " equal; the others lie between two 1/32 pixels");
    }

    @Test
    void neutralParametersChangeNothing() {
        assertArrayEquals(source.rgb(), SpatialAugmentations.rotate(source, 0).rgb());
        assertArrayEquals(
                source.rgb(), SpatialAugmentations.sharpness(source, 1).rgb());
        assertArrayEquals(source.rgb(), ToneAugmentations.posterize(source, 8).rgb());
        assertArrayEquals(source.rgb(), ToneAugmentations.solarize(source, 256).rgb());
        assertArrayEquals(
                source.rgb(),
                ToneAugmentations.invert(ToneAugmentations.invert(source)).rgb());
    }

    @Test
    void imagesOfOneColourSurviveHistograms() {
        byte[] flat = new byte[9 * 5 * 3];
        Arrays.fill(flat, (byte) 77);
        RgbImage image = new RgbImage(9, 5, flat);
        assertArrayEquals(flat, ToneAugmentations.autocontrast(image, 20).rgb());
        byte[] white = new byte[flat.length];
        Arrays.fill(white, (byte) 255);
        assertArrayEquals(
                white,
                ToneAugmentations.equalize(new RgbImage(9, 5, white.clone())).rgb());
    }

    @Test
    void impossibleParametersAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> ToneAugmentations.posterize(source, 0));
        assertThrows(IllegalArgumentException.class, () -> ToneAugmentations.autocontrast(source, 50));
    }

    @ParameterizedTest
    @EnumSource
    void everyStepIsRepeatableAndKeepsTheSize(AugmentationPipeline.Step step) {
        RgbImage once = step.apply(source, new PhiloxRandom(9, Purpose.TEST, step.ordinal()));
        RgbImage again = step.apply(source, new PhiloxRandom(9, Purpose.TEST, step.ordinal()));
        assertArrayEquals(once.rgb(), again.rgb());
        assertEquals(256, once.width());
    }

    @Test
    void thePipelineDependsOnItsSampleOnly() {
        RgbImage first = AugmentationPipeline.apply(source, new PhiloxRandom(9, Purpose.TEST, 1));
        assertArrayEquals(
                first.rgb(),
                AugmentationPipeline.apply(source, new PhiloxRandom(9, Purpose.TEST, 1))
                        .rgb());
        assertNotEquals(
                Arrays.hashCode(first.rgb()),
                Arrays.hashCode(AugmentationPipeline.apply(source, new PhiloxRandom(9, Purpose.TEST, 2))
                        .rgb()));
    }
}
