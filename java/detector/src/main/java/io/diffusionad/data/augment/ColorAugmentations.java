package io.diffusionad.data.augment;

import io.diffusionad.image.ColorSpace;
import io.diffusionad.image.RgbImage;

/**
 * Augmentations in another colour space. As exact as {@link ColorSpace}: within one level, on nearly all values equal.
 */
public final class ColorAugmentations {
    private ColorAugmentations() {}

    /**
     * The luminance channel of {@code space} times {@code multiplier} (rounded) and plus {@code addend}, each step
     * limited to 0…255.
     *
     * @param multiplyFirst the order of the two
     */
    public static RgbImage brightness(
            RgbImage image, ColorSpace space, float multiplier, int addend, boolean multiplyFirst) {
        byte[] table = new byte[256];
        for (int v = 0; v < 256; v++) {
            int value = multiplyFirst ? multiply(v, multiplier) + addend : multiply(limit(v + addend), multiplier);
            table[v] = (byte) limit(value);
        }
        RgbImage converted = space.fromRgb(image);
        byte[] values = converted.rgb();
        for (int i = space.luminanceChannel(); i < values.length; i += 3) {
            values[i] = table[values[i] & 0xFF];
        }
        return space.toRgb(converted);
    }

    private static int multiply(int value, float multiplier) {
        return limit((int) Math.rint(value * multiplier));
    }

    /**
     * Hue turned and saturation shifted in HSV.
     *
     * @param hue of 255 for a full turn; whole half degrees of it count (truncated towards 0)
     * @param saturation added, the result limited to 0…255
     */
    public static RgbImage hueAndSaturation(RgbImage image, int hue, int saturation) {
        RgbImage converted = ColorSpace.HSV.fromRgb(image);
        byte[] values = converted.rgb();
        int turn = hue * 180 / 255;
        for (int i = 0; i < values.length; i += 3) {
            values[i] = (byte) Math.floorMod((values[i] & 0xFF) + turn, 180);
            values[i + 1] = (byte) limit((values[i + 1] & 0xFF) + saturation);
        }
        return ColorSpace.HSV.toRgb(converted);
    }

    private static int limit(int value) {
        return Math.max(0, Math.min(255, value));
    }
}
