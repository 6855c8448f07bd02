package io.diffusionad.data;

import io.diffusionad.data.mask.Mask;
import io.diffusionad.data.mask.MaskReader;
import io.diffusionad.image.Placement;
import io.diffusionad.image.Preparation;
import io.diffusionad.image.RgbImage;
import io.diffusionad.metrics.ScoredImage;

/**
 * A test image at the network's size.
 *
 * @param file where it comes from and what is known about it
 * @param image the square that the model sees
 * @param placement where the picture lies in it
 * @param mask of the square, (S, S), true where anomalous; all false for good images; null if an anomalous image has no
 *     mask
 */
public record TestSample(TestImage file, RgbImage image, Placement placement, boolean[] mask) {
    /** What the model's map of the square, (S, S), says of the picture: bars beside it do not count. */
    public ScoredImage scored(float[] squareMap) {
        return ScoredImage.of(
                placement.insideWidth(),
                placement.insideHeight(),
                file.anomalous(),
                placement.inside(squareMap),
                mask == null ? null : placement.inside(mask));
    }

    /**
     * @throws io.diffusionad.error.InvalidInputException if image or mask cannot be read, or the mask has another size
     *     than its image
     */
    public static TestSample load(TestImage file, MaskReader masks, Preparation preparation, int size) {
        return of(file, preparation.read(file.image()), masks, preparation, size);
    }

    /** As {@link #load}, of a picture that is read already. @param original as {@link Preparation#read} gives it */
    public static TestSample of(
            TestImage file, RgbImage original, MaskReader masks, Preparation preparation, int size) {
        Placement placement = preparation.place(original.width(), original.height(), size);
        Mask mask = masks.at(file, original, placement);
        return new TestSample(file, preparation.square(original, size), placement, mask == null ? null : mask.marked());
    }
}
