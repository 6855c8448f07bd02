package io.diffusionad.evaluate;

import io.diffusionad.image.GaussianBlur;
import io.diffusionad.image.Images;
import io.diffusionad.image.JpegWriter;
import io.diffusionad.image.RgbImage;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;

/**
 * A change that happens to pictures in a plant: other light, another lens, a moved camera, compression. Applied to the
 * picture as it was read.
 *
 * @param name what tables call it
 * @param change a pure function
 */
public record Variation(String name, UnaryOperator<RgbImage> change) {
    private static final double MIDDLE = 127.5;

    /** Those that {@code evaluate --stress} runs, the unchanged picture first. */
    public static List<Variation> all() {
        List<Variation> all = new ArrayList<>(List.of(new Variation("unchanged", picture -> picture)));
        for (int perCent : new int[] {-20, -10, 10, 20}) {
            all.add(new Variation(
                    String.format(Locale.ROOT, "brightness %+d %%", perCent),
                    picture -> brightness(picture, 1 + perCent / 100.0)));
        }
        for (int perCent : new int[] {-20, 20}) {
            all.add(new Variation(
                    String.format(Locale.ROOT, "contrast %+d %%", perCent),
                    picture -> contrast(picture, 1 + perCent / 100.0)));
        }
        for (int perMille : new int[] {4, 8}) {
            all.add(new Variation(
                    "blur " + perMille / 10.0 + " % of the width",
                    picture -> blur(picture, perMille / 1000.0 * picture.width())));
        }
        for (int perCent : new int[] {1, 3}) {
            all.add(new Variation(
                    "shift " + perCent + " %",
                    picture -> shift(picture, picture.width() * perCent / 100, picture.height() * perCent / 100)));
        }
        for (int quality : new int[] {90, 70, 50}) {
            all.add(new Variation("JPEG quality " + quality, picture -> jpeg(picture, quality / 100f)));
        }
        return all;
    }

    public RgbImage apply(RgbImage picture) {
        return change.apply(picture);
    }

    /** All levels times a factor, limited to 255. */
    static RgbImage brightness(RgbImage picture, double factor) {
        return levels(picture, level -> level * factor);
    }

    /** Distances from mid-grey times a factor, limited to 0…255. */
    static RgbImage contrast(RgbImage picture, double factor) {
        return levels(picture, level -> MIDDLE + (level - MIDDLE) * factor);
    }

    private static RgbImage levels(RgbImage picture, DoubleUnaryOperator change) {
        byte[] table = new byte[256];
        for (int level = 0; level < 256; level++) {
            table[level] = (byte) Math.round(Math.max(0, Math.min(255, change.applyAsDouble(level))));
        }
        byte[] rgb = new byte[picture.rgb().length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = table[picture.rgb()[i] & 0xFF];
        }
        return new RgbImage(picture.width(), picture.height(), rgb);
    }

    /** A Gaussian of {@code sigma} pixels. */
    static RgbImage blur(RgbImage picture, double sigma) {
        byte[] rgb = new byte[picture.rgb().length];
        float[] channel = new float[rgb.length / 3];
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < channel.length; i++) {
                channel[i] = picture.rgb()[3 * i + c] & 0xFF;
            }
            float[] blurred = GaussianBlur.blur(channel, picture.width(), picture.height(), sigma);
            for (int i = 0; i < channel.length; i++) {
                rgb[3 * i + c] = (byte) Math.round(blurred[i]);
            }
        }
        return new RgbImage(picture.width(), picture.height(), rgb);
    }

    /** To the right and down; the edges are repeated. */
    static RgbImage shift(RgbImage picture, int right, int down) {
        byte[] rgb = new byte[picture.rgb().length];
        for (int y = 0, o = 0; y < picture.height(); y++) {
            for (int x = 0; x < picture.width(); x++, o += 3) {
                int source = 3 * (Math.max(0, y - down) * picture.width() + Math.max(0, x - right));
                System.arraycopy(picture.rgb(), source, rgb, o, 3);
            }
        }
        return new RgbImage(picture.width(), picture.height(), rgb);
    }

    /** Written and read again, with colors at every second pixel as cameras store them. @param quality 0 … 1 */
    static RgbImage jpeg(RgbImage picture, float quality) {
        return Images.decodeRgb(JpegWriter.encode(picture, quality, false), "JPEG of quality " + quality);
    }
}
