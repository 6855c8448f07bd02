package io.diffusionad.data;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.image.GreyImage;
import io.diffusionad.image.Images;
import io.diffusionad.image.Resize;
import io.diffusionad.image.RgbImage;

/**
 * A test image at the network's size.
 *
 * @param file where it comes from and what is known about it
 * @param image resized straight to the target size
 * @param mask (H, W) true where anomalous; all false for good images; null if an anomalous image has no mask
 */
public record TestSample(TestImage file, RgbImage image, boolean[] mask) {
    /** @throws InvalidInputException if image or mask cannot be read, or the mask has another size than its image */
    public static TestSample load(TestImage file, DatasetLayout layout, int width, int height, MaskThreshold threshold) {
        RgbImage original = Images.readRgb(file.image());
        boolean[] mask = new boolean[width * height];
        if (file.anomalous()) {
            mask = file.mask() == null ? null : mask(file, layout, original, width, height, threshold);
        }
        return new TestSample(file, Resize.bilinear(original, width, height), mask);
    }

    private static boolean[] mask(TestImage file, DatasetLayout layout, RgbImage original, int width, int height, MaskThreshold threshold) {
        GreyImage grey = Images.readGrey(file.mask());
        if (grey.width() != original.width() || grey.height() != original.height()) {
            throw new InvalidInputException("mask " + file.mask() + " is " + grey.width() + "x" + grey.height() + " but its image " + file.image() + " is "
                    + original.width() + "x" + original.height() + "; both must have the same size");
        }
        if (layout == DatasetLayout.VISA_PUBLISHED) {
            grey = classesToWhite(grey);
        }
        GreyImage resized = Resize.bilinear(grey, width, height);
        boolean[] mask = new boolean[width * height];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = threshold.isAnomalous(resized.grey()[i] & 0xFF);
        }
        return mask;
    }

    /** Published VisA masks hold small class numbers: any of them is anomalous. */
    private static GreyImage classesToWhite(GreyImage grey) {
        byte[] white = new byte[grey.grey().length];
        for (int i = 0; i < white.length; i++) {
            white[i] = (byte) (grey.grey()[i] == 0 ? 0 : 255);
        }
        return new GreyImage(grey.width(), grey.height(), white);
    }
}
