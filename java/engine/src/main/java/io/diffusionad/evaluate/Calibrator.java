package io.diffusionad.evaluate;

import io.diffusionad.metrics.DecisionThreshold;
import io.diffusionad.metrics.ScoredImage;
import io.diffusionad.settings.ModelCard.Calibration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Places the decision thresholds where few good images lie above them. Good images that were not trained on are the ones to ask; where there are too few for a
 * quantile that means anything, those that were trained on are asked too: what a detector learns of them it learns through noise, and their scores are close
 * to those of unseen ones.
 */
public final class Calibrator {
    /** With at least this many held-out images, they alone decide. */
    public static final int ENOUGH_HELD_OUT = 20;
    /** About one good image in fifty is reported as defective. */
    private static final double IMAGE_QUANTILE = 0.98;
    /** Of the pixels of good images, this share stays out of every mask. */
    private static final double PIXEL_QUANTILE = 0.9995;

    private Calibrator() { }

    /**
     * @param heldOut scored images that were not trained on; those without anomalies count
     * @param trained scored good images that were trained on; asked for only when needed
     * @return {@link Calibration#NONE} when there is no good image at all
     */
    public static Calibration calibrate(List<ScoredImage> heldOut, Supplier<List<ScoredImage>> trained) {
        List<ScoredImage> good = new ArrayList<>(heldOut.stream().filter(image -> !image.anomalous()).toList());
        if (good.size() < ENOUGH_HELD_OUT) {
            trained.get().stream().filter(image -> !image.anomalous()).forEach(good::add);
        }
        if (good.isEmpty()) {
            return Calibration.NONE;
        }
        double[] scores = good.stream().mapToDouble(ScoredImage::imageScore).toArray();
        return new Calibration(DecisionThreshold.calibrate(scores, IMAGE_QUANTILE), DecisionThreshold.calibrate(pixels(good), PIXEL_QUANTILE), good.size());
    }

    private static double[] pixels(List<ScoredImage> images) {
        double[] pixels = new double[images.stream().mapToInt(image -> image.scoreMap().length).sum()];
        int at = 0;
        for (ScoredImage image : images) {
            for (float score : image.scoreMap()) {
                pixels[at++] = score;
            }
        }
        return pixels;
    }
}
