package io.diffusionad.data;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.image.Images;
import io.diffusionad.image.Placement;
import io.diffusionad.image.Preparation;
import io.diffusionad.image.RgbImage;

import java.nio.file.Path;
import java.util.AbstractList;
import java.util.List;
import java.util.Objects;

/**
 * Good images at the training size, read and resized once and kept as bytes: 196 kB an image at 256x256. Immutable,
 * thread-safe.
 *
 * @param width of every image; @param height of every image
 * @param images at least one
 * @param placements where each picture lies in its square; none where all fill their images
 */
public record TrainingImages(int width, int height, List<RgbImage> images, List<Placement> placements) {
    public TrainingImages {
        placements = List.copyOf(placements);
        images = List.copyOf(images);
        if (images.isEmpty()) {
            throw new InvalidInputException(
                    "there are no good images to train on; name a folder with at least one picture (" + Images.FORMATS
                            + ")");
        }
        if (!placements.isEmpty() && placements.size() != images.size()) {
            throw new IllegalArgumentException(placements.size() + " placements of " + images.size() + " images");
        }
        for (RgbImage image : images) {
            if (image.width() != width || image.height() != height) {
                throw new IllegalArgumentException("an image of " + image.width() + "x" + image.height()
                        + " among those of " + width + "x" + height);
            }
        }
    }

    /** Images that their pictures fill. */
    public TrainingImages(int width, int height, List<RgbImage> images) {
        this(width, height, images, List.of());
    }

    /**
     * Reads the files on all cores, in order. @throws InvalidInputException naming the first file that cannot be read
     */
    public static TrainingImages load(List<Path> files, Preparation preparation, int size) {
        List<Prepared> all = files.parallelStream()
                .map(file -> {
                    RgbImage picture = preparation.read(file);
                    return new Prepared(
                            preparation.square(picture, size),
                            preparation.place(picture.width(), picture.height(), size));
                })
                .toList();
        boolean bars = all.stream().anyMatch(one -> !one.placement().fillsSquare());
        return new TrainingImages(
                size,
                size,
                all.stream().map(Prepared::square).toList(),
                bars ? all.stream().map(Prepared::placement).toList() : List.of());
    }

    private record Prepared(RgbImage square, Placement placement) {}

    public int count() {
        return images.size();
    }

    public RgbImage get(int index) {
        return images.get(index);
    }

    /** Where a picture lies in its square; null where it fills it. */
    public Placement placement(int index) {
        return placements.isEmpty() || placements.get(index).fillsSquare() ? null : placements.get(index);
    }

    /** An image as it is, as a sample without an anomaly. */
    public TrainingSample good(int index) {
        return new TrainingSample(
                width, height, images.get(index).toFloats(), new float[width * height], false, placement(index));
    }

    /** {@link #good} images [from, to), converted one by one when they are looked at. */
    public List<TrainingSample> good(int from, int to) {
        return new AbstractList<>() {
            @Override
            public TrainingSample get(int index) {
                return good(from + Objects.checkIndex(index, size()));
            }

            @Override
            public int size() {
                return to - from;
            }
        };
    }
}
