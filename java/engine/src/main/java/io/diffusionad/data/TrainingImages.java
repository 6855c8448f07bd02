package io.diffusionad.data;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.image.Images;
import io.diffusionad.image.Preparation;
import io.diffusionad.image.RgbImage;
import java.nio.file.Path;
import java.util.List;

/**
 * Good images at the training size, read and resized once and kept as bytes: 196 kB an image at 256x256. Immutable, thread-safe.
 *
 * @param width of every image; @param height of every image
 * @param images at least one
 */
public record TrainingImages(int width, int height, List<RgbImage> images) {
    public TrainingImages {
        images = List.copyOf(images);
        if (images.isEmpty()) {
            throw new InvalidInputException("there are no good images to train on; name a folder with at least one picture (" + Images.FORMATS + ")");
        }
        for (RgbImage image : images) {
            if (image.width() != width || image.height() != height) {
                throw new IllegalArgumentException("an image of " + image.width() + "x" + image.height() + " among those of " + width + "x" + height);
            }
        }
    }

    /** Reads the files on all cores, in order. @throws InvalidInputException naming the first file that cannot be read */
    public static TrainingImages load(List<Path> files, Preparation preparation, int size) {
        return new TrainingImages(size, size, files.parallelStream().map(file -> preparation.readSquare(file, size)).toList());
    }

    public int count() {
        return images.size();
    }

    public RgbImage get(int index) {
        return images.get(index);
    }
}
