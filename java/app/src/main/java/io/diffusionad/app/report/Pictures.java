package io.diffusionad.app.report;

import io.diffusionad.image.GreyImage;
import io.diffusionad.image.RgbImage;
import java.awt.image.BufferedImage;

/** Conversions for drawing. */
public final class Pictures {
    private Pictures() { }

    public static BufferedImage toBuffered(RgbImage image) {
        BufferedImage buffered = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        int[] pixels = new int[image.width() * image.height()];
        byte[] rgb = image.rgb();
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (rgb[3 * i] & 0xFF) << 16 | (rgb[3 * i + 1] & 0xFF) << 8 | rgb[3 * i + 2] & 0xFF;
        }
        buffered.setRGB(0, 0, image.width(), image.height(), pixels, 0, image.width());
        return buffered;
    }

    public static RgbImage toRgb(GreyImage image) {
        byte[] rgb = new byte[3 * image.grey().length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = image.grey()[i / 3];
        }
        return new RgbImage(image.width(), image.height(), rgb);
    }

    /** Values of 0…1 as grey. */
    public static RgbImage grey(int width, int height, float[] values) {
        float[] rgb = new float[3 * values.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = values[i / 3];
        }
        return RgbImage.fromFloats(width, height, rgb);
    }

    /** White where {@code mask} is true. */
    public static RgbImage mask(int width, int height, boolean[] mask) {
        byte[] rgb = new byte[3 * mask.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (mask[i / 3] ? 255 : 0);
        }
        return new RgbImage(width, height, rgb);
    }
}
