package io.diffusionad.data.mask;

import io.diffusionad.image.Placement;
import io.diffusionad.image.Preparation;
import io.diffusionad.metrics.ConnectedRegions;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.Objects;

/**
 * The smallest marked region of a picture.
 *
 * @param file the picture
 * @param area of the region, pixels of the picture
 * @param areaAtSize of the region at the model's size, pixels in the mean over where it may lie
 */
public record SmallDefect(Path file, long area, double areaAtSize) {
    /** @param mask of the picture, in its own geometry; null when nobody knows; @return null when nothing is marked */
    public static SmallDefect of(Path file, Mask mask, Preparation preparation, int size) {
        if (mask == null) {
            return null;
        }
        ConnectedRegions regions = ConnectedRegions.of(mask.marked(), mask.width(), mask.height());
        long smallest = 0;
        for (int region = 0; region < regions.count(); region++) {
            smallest = smallest == 0 ? regions.area(region) : Math.min(smallest, regions.area(region));
        }
        Placement placement = preparation.place(mask.width(), mask.height(), size);
        double scale = (double) placement.insideWidth()
                * placement.insideHeight()
                / ((double) placement.partWidth() * placement.partHeight());
        return smallest == 0 ? null : new SmallDefect(file, smallest, smallest * scale);
    }

    /** The one that is smallest at the model's size. @param defects may hold null; @return null when there is none */
    public static SmallDefect least(Collection<SmallDefect> defects) {
        return defects.stream()
                .filter(Objects::nonNull)
                .min(Comparator.comparingDouble(SmallDefect::areaAtSize).thenComparing(SmallDefect::file))
                .orElse(null);
    }
}
