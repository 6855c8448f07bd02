package io.diffusionad.data;

import io.diffusionad.data.mask.Mask;
import io.diffusionad.data.mask.MaskReader;
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
    /** @throws io.diffusionad.error.InvalidInputException if image or mask cannot be read, or the mask has another size than its image */
    public static TestSample load(TestImage file, MaskReader masks, int width, int height) {
        RgbImage original = Images.readRgb(file.image());
        Mask mask = masks.at(file, original, width, height);
        return new TestSample(file, Resize.bilinear(original, width, height), mask == null ? null : mask.marked());
    }
}
