package io.diffusionad.data;

import io.diffusionad.image.GreyImage;
import io.diffusionad.image.PngWriter;
import io.diffusionad.image.RgbImage;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/** Small pictures for tests. */
final class Pictures {
    private Pictures() {}

    static RgbImage noise(int width, int height, long seed) {
        byte[] rgb = new byte[3 * width * height];
        new Random(seed).nextBytes(rgb);
        return new RgbImage(width, height, rgb);
    }

    /** A bright disc of half the picture's width on a dark, slightly noisy background. */
    static RgbImage disc(int size, long seed) {
        RgbImage image = noise(size, size, seed);
        for (int i = 0; i < image.rgb().length; i++) {
            double x = i / 3 % size + 0.5 - size / 2.0;
            double y = i / 3 / size + 0.5 - size / 2.0;
            image.rgb()[i] = (byte) ((Math.hypot(x, y) < size / 4.0 ? 180 : 40) + (image.rgb()[i] & 7));
        }
        return image;
    }

    static void writeNoise(Path file, int width, int height) {
        PngWriter.write(file, noise(width, height, file.hashCode()));
    }

    static void writeMask(Path file, int width, int height, int value) {
        byte[] grey = new byte[width * height];
        Arrays.fill(grey, 0, grey.length / 2, (byte) value);
        PngWriter.write(file, new GreyImage(width, height, grey));
    }
}
