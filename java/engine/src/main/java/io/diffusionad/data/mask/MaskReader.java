package io.diffusionad.data.mask;

import io.diffusionad.data.Category;
import io.diffusionad.data.TestImage;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.image.GreyImage;
import io.diffusionad.image.Images;
import io.diffusionad.image.Placement;
import io.diffusionad.image.Resize;
import io.diffusionad.image.RgbImage;
import java.nio.file.Path;

/** Reads the masks of one category by a rule that holds for all of them. Thread-safe. */
public final class MaskReader {
    private final MaskOptions options;

    private MaskReader(MaskOptions options) {
        this.options = options;
    }

    /** Looks at every mask of the test set to find out what its values mean. @throws InvalidInputException when one cannot be read */
    public static MaskReader of(Category category, MaskOptions options) {
        return new MaskReader(options);
    }

    /** How masks are read, in one line for the user; empty when there are none. */
    public String description() {
        return "";
    }

    /**
     * The truth about an image in its own geometry.
     *
     * @param picture the image as read, upright
     * @return of the picture's size; nothing marked for good images; null when an anomalous image has no mask
     * @throws InvalidInputException if the mask cannot be read, or has another size than its image
     */
    public Mask read(TestImage file, RgbImage picture) {
        return at(file, picture, picture.width(), picture.height());
    }

    /** As {@link #read}, in the square that the picture is placed in: no marked region is lost. */
    public Mask at(TestImage file, RgbImage picture, Placement placement) {
        if (placement.partWidth() == picture.width() && placement.partHeight() == picture.height() && placement.fillsSquare()) {
            return at(file, picture, placement.size(), placement.size());
        }
        Mask mask = read(file, picture);
        return mask == null ? null : new Mask(placement.size(), placement.size(), placement.square(mask.marked()));
    }

    /** As {@link #read}, brought to another size: no marked region is lost. */
    public Mask at(TestImage file, RgbImage picture, int width, int height) {
        if (!file.anomalous()) {
            return Mask.none(width, height);
        }
        if (file.masks().isEmpty()) {
            return null;
        }
        boolean[] marked = new boolean[width * height];
        for (Path mask : file.masks()) {
            GreyImage grey = Images.readGrey(mask);
            if (grey.width() != picture.width() || grey.height() != picture.height()) {
                throw new InvalidInputException("mask " + mask + " is " + grey.width() + "x" + grey.height() + " but its image " + file.image() + " is "
                        + picture.width() + "x" + picture.height() + "; both must have the same size");
            }
            GreyImage resized = Resize.bilinear(grey, width, height);
            for (int i = 0; i < marked.length; i++) {
                marked[i] |= options.threshold().isAnomalous(resized.grey()[i] & 0xFF);
            }
        }
        return new Mask(width, height, marked);
    }
}
