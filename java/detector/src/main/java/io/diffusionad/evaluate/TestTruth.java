package io.diffusionad.evaluate;

import io.diffusionad.data.Category;
import io.diffusionad.data.TestImage;
import io.diffusionad.data.TestSample;
import io.diffusionad.data.mask.Mask;
import io.diffusionad.data.mask.MaskReader;
import io.diffusionad.image.Placement;
import io.diffusionad.image.Preparation;
import io.diffusionad.image.RgbImage;
import io.diffusionad.metrics.MetricAccumulator;
import io.diffusionad.metrics.SaturatedRegion;
import io.diffusionad.metrics.ScoredImage;

import java.util.List;

/** Brings the score maps of a test set and the truth about it together, at the size that is asked for. */
record TestTruth(Category category, MaskReader masks, Preparation preparation, int size) {
    /** One test image as it lies on disk and as the model sees it. */
    record Picture(RgbImage original, TestSample sample) {}

    Picture read(TestImage file) {
        RgbImage original = preparation.read(file.image());
        return new Picture(original, TestSample.of(file, original, masks, preparation, size));
    }

    /**
     * Adds an image to the metrics.
     *
     * @param map of the model's square
     * @return the image's score, that of the map as the network made it: decisions do not depend on how pixels are
     *     measured
     */
    double add(Picture picture, float[] map, EvaluationOptions.Resolution resolution, MetricAccumulator metrics) {
        TestImage file = picture.sample.file();
        Placement placement = picture.sample.placement();
        ScoredImage scored = picture.sample.scored(map);
        String name = file.image().toString();
        if (resolution == EvaluationOptions.Resolution.MODEL) {
            metrics.add(name, file.kind(), scored, defects(file, picture.original, placement));
        } else {
            Mask mask = masks.read(file, picture.original);
            ScoredImage own = new ScoredImage(
                    placement.width(),
                    placement.height(),
                    scored.imageScore(),
                    file.anomalous(),
                    placement.toPicture(map),
                    mask == null ? null : mask.marked());
            metrics.add(name, file.kind(), own, LabelledDefects.of(category, file, picture.original, masks), scored);
        }
        return scored.imageScore();
    }

    private List<SaturatedRegion> defects(TestImage file, RgbImage original, Placement placement) {
        double scale = (double) placement.insideWidth()
                * placement.insideHeight()
                / ((double) placement.partWidth() * placement.partHeight());
        return LabelledDefects.of(category, file, original, masks).stream()
                .map(defect -> new SaturatedRegion(
                        placement.inside(placement.square(defect.mask())),
                        defect.relative() ? defect.saturation() : defect.saturation() * scale,
                        defect.relative()))
                .toList();
    }
}
