package io.diffusionad.evaluate;

import io.diffusionad.data.Category;
import io.diffusionad.data.TestImage;
import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.image.Placement;
import io.diffusionad.image.Preparation;
import io.diffusionad.image.RgbImage;
import io.diffusionad.metrics.Decisions;
import io.diffusionad.metrics.ImageScore;
import io.diffusionad.metrics.Ranking;
import io.diffusionad.metrics.Rate;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * What becomes of a detector's decisions when pictures change: the test set under every {@link Variation}, decided by
 * the same threshold.
 */
public final class Stress {
    private final DetectionPipeline pipeline;
    private final Preparation preparation;
    private final int batch;

    /**
     * A test set under one variation.
     *
     * @param variation its name
     * @param decisions null without a threshold
     * @param imageAuroc NaN unless the test set holds good and defective images
     */
    public record Outcome(String variation, Decisions decisions, double imageAuroc) {}

    /** @param preparation the model's; @param batch images computed at once */
    public Stress(DetectionPipeline pipeline, Preparation preparation, int batch) {
        this.pipeline = pipeline;
        this.preparation = preparation;
        this.batch = batch;
    }

    /**
     * Scores the test set once for every variation; pictures are read once each.
     *
     * @param threshold images that score above it are called defective; NaN for none
     * @param progress hears how many scores are computed, of {@code images · variations}
     */
    public List<Outcome> run(Category category, double threshold, List<Variation> variations, LongConsumer progress) {
        List<TestImage> files = category.requireTest();
        float[][] scores = new float[variations.size()][files.size()];
        long done = 0;
        for (int from = 0; from < files.size(); from += batch) {
            List<RgbImage> pictures = files.subList(from, Math.min(from + batch, files.size())).stream()
                    .map(file -> preparation.read(file.image()))
                    .toList();
            for (int v = 0; v < variations.size(); v++) {
                score(pictures, variations.get(v), scores[v], from);
                progress.accept(done += pictures.size());
            }
        }
        List<Outcome> outcomes = new ArrayList<>();
        for (int v = 0; v < variations.size(); v++) {
            outcomes.add(outcome(variations.get(v).name(), files, scores[v], threshold));
        }
        return outcomes;
    }

    private void score(List<RgbImage> pictures, Variation variation, float[] scores, int from) {
        int size = pipeline.imageSize();
        List<float[]> maps = pipeline.scoreMaps(pictures.stream()
                .map(picture ->
                        preparation.square(variation.apply(picture), size).toFloats())
                .toList());
        for (int i = 0; i < maps.size(); i++) {
            Placement placement =
                    preparation.place(pictures.get(i).width(), pictures.get(i).height(), size);
            scores[from + i] = (float) ImageScore.of(placement.inside(maps.get(i)));
        }
    }

    private static Outcome outcome(String variation, List<TestImage> files, float[] scores, double threshold) {
        boolean[] anomalous = new boolean[scores.length];
        int defective = 0;
        int alarms = 0;
        int misses = 0;
        for (int i = 0; i < scores.length; i++) {
            anomalous[i] = files.get(i).anomalous();
            defective += anomalous[i] ? 1 : 0;
            alarms += !anomalous[i] && scores[i] > threshold ? 1 : 0;
            misses += anomalous[i] && !(scores[i] > threshold) ? 1 : 0;
        }
        Decisions decisions = Double.isNaN(threshold)
                ? null
                : new Decisions(threshold, new Rate(alarms, scores.length - defective), new Rate(misses, defective));
        return new Outcome(variation, decisions, Ranking.of(scores, anomalous).auroc());
    }
}
