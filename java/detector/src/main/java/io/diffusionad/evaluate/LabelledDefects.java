package io.diffusionad.evaluate;

import io.diffusionad.data.Category;
import io.diffusionad.data.DefectSaturation;
import io.diffusionad.data.TestImage;
import io.diffusionad.data.mask.Mask;
import io.diffusionad.data.mask.MaskReader;
import io.diffusionad.image.Images;
import io.diffusionad.image.RgbImage;
import io.diffusionad.metrics.SaturatedRegion;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Defects with saturation thresholds: one mask file each, whose value names the defect (MVTec LOCO AD). */
final class LabelledDefects {
    private LabelledDefects() {}

    /**
     * @param picture the image as read
     * @return masks of the picture's size; empty where the category states no saturation thresholds
     */
    static List<SaturatedRegion> of(Category category, TestImage file, RgbImage picture, MaskReader masks) {
        List<SaturatedRegion> defects = new ArrayList<>();
        if (category.saturations().isEmpty() || !file.anomalous()) {
            return defects;
        }
        for (Path path : file.masks()) {
            Mask mask = masks.read(new TestImage(file.image(), file.kind(), true, path), picture);
            if (mask != null && mask.area() > 0) {
                DefectSaturation saturation = category.saturations().get(value(path));
                defects.add(
                        saturation == null
                                ? new SaturatedRegion(mask.marked(), 1, true)
                                : new SaturatedRegion(mask.marked(), saturation.threshold(), saturation.relative()));
            }
        }
        return defects;
    }

    private static int value(Path mask) {
        int value = 0;
        for (byte grey : Images.readGrey(mask).grey()) {
            value = Math.max(value, grey & 0xFF);
        }
        return value;
    }
}
