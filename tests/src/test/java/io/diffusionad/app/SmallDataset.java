package io.diffusionad.app;

import io.diffusionad.image.GreyImage;
import io.diffusionad.image.PngWriter;
import io.diffusionad.image.RgbImage;
import io.diffusionad.random.PhiloxRandom;
import io.diffusionad.random.Purpose;

import java.nio.file.Path;

/** A category of small pictures in the MVTec layout: stripes, and stripes with a bright square. */
final class SmallDataset {
    static final int SIZE = 40;

    private SmallDataset() {}

    /** 9 good training images, 3 good and 3 defective test images with masks. */
    static Path write(Path root) {
        for (int i = 0; i < 9; i++) {
            PngWriter.write(root.resolve("train/good/" + i + ".png"), stripes(i, false));
        }
        for (int i = 0; i < 3; i++) {
            PngWriter.write(root.resolve("test/good/" + i + ".png"), stripes(20 + i, false));
            PngWriter.write(root.resolve("test/square/" + i + ".png"), stripes(40 + i, true));
            PngWriter.write(root.resolve("ground_truth/square/" + i + "_mask.png"), mask());
        }
        return root;
    }

    static RgbImage stripes(int number, boolean defective) {
        PhiloxRandom random = new PhiloxRandom(3, Purpose.TEST, number);
        byte[] rgb = new byte[3 * SIZE * SIZE];
        for (int i = 0; i < rgb.length; i++) {
            int x = i / 3 % SIZE;
            int y = i / 3 / SIZE;
            int level = defective && inSquare(x, y) ? 250 : (x / 4 % 2 == 0 ? 90 : 140) + random.nextInt(10);
            rgb[i] = (byte) level;
        }
        return new RgbImage(SIZE, SIZE, rgb);
    }

    static GreyImage mask() {
        byte[] grey = new byte[SIZE * SIZE];
        for (int i = 0; i < grey.length; i++) {
            grey[i] = (byte) (inSquare(i % SIZE, i / SIZE) ? 255 : 0);
        }
        return new GreyImage(SIZE, SIZE, grey);
    }

    private static boolean inSquare(int x, int y) {
        return x >= 10 && x < 22 && y >= 15 && y < 27;
    }
}
