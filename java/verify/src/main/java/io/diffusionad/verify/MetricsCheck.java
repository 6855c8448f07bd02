package io.diffusionad.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.diffusionad.io.HostTensor;
import io.diffusionad.metrics.MetricSet;
import io.diffusionad.metrics.Metrics;
import io.diffusionad.metrics.ScoredImage;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Metrics of recorded score maps against masks, and the image scores. Both sides compute in float64: only the order of
 * sums may differ.
 */
final class MetricsCheck implements Check {
    /** Differences of sums of up to millions of float64 terms in another order. */
    private static final double BOUND = 1e-9;
    /** A mean of 50 float32 numbers, recorded in float32. */
    private static final double IMAGE_SCORE_BOUND = RoundingModel.float32Sum(50).forward();

    @Override
    public boolean accepts(GoldenFile file) {
        return file.names().stream().anyMatch(name -> name.endsWith(".score") && file.has(maskOf(name)));
    }

    @Override
    public void run(GoldenFile file, Replay replay) throws IOException {
        for (String name : file.names()) {
            if (name.endsWith(".score") && file.has(maskOf(name))) {
                runCase(file, replay, name.substring(0, name.length() - ".score".length()));
            }
        }
    }

    private static void runCase(GoldenFile file, Replay replay, String set) throws IOException {
        List<ScoredImage> images = images(file, set);
        if (file.has(set + ".image_score")) {
            double[] actual =
                    images.stream().mapToDouble(ScoredImage::imageScore).toArray();
            replay.add(
                    file,
                    set + ": image scores",
                    Errors.maxRelative(actual, file.doubles(set + ".image_score"), 0),
                    IMAGE_SCORE_BOUND);
        }
        MetricSet metrics = Metrics.evaluate(images);
        Map<String, Double> computed = Map.of(
                "image_auroc",
                metrics.imageAuroc(),
                "image_ap",
                metrics.imageAp(),
                "image_f1_max",
                metrics.imageF1Max(),
                "pixel_auroc",
                metrics.pixelAuroc(),
                "pixel_ap",
                metrics.pixelAp(),
                "pixel_f1_max",
                metrics.pixelF1Max(),
                "pixel_aupro_fpr0.3_1000_thresholds",
                metrics.referencePro());
        for (Map.Entry<String, JsonNode> recorded : file.json(set).properties()) {
            Double value = computed.get(recorded.getKey());
            if (value != null) {
                replay.add(
                        file,
                        set + ": " + recorded.getKey(),
                        Math.abs(value - recorded.getValue().asDouble(Double.NaN)),
                        BOUND);
            }
        }
    }

    private static List<ScoredImage> images(GoldenFile file, String set) throws IOException {
        HostTensor score = file.tensor(set + ".score");
        HostTensor mask = file.tensor(set + ".mask");
        int[] shape = score.shape();
        if (shape.length != 3 || !Arrays.equals(shape, mask.shape())) {
            throw file.invalid("scores " + score + " and masks " + mask + " of set " + set + " are not both (N, H, W)");
        }
        float[] scores = score.toFloats();
        byte[] masks = mask.toBytes();
        int pixels = shape[1] * shape[2];
        List<ScoredImage> images = new ArrayList<>();
        for (int n = 0; n < shape[0]; n++) {
            boolean[] positive = new boolean[pixels];
            boolean anomalous = false;
            for (int i = 0; i < pixels; i++) {
                positive[i] = masks[n * pixels + i] != 0;
                anomalous |= positive[i];
            }
            images.add(ScoredImage.of(
                    shape[2], shape[1], anomalous, Arrays.copyOfRange(scores, n * pixels, (n + 1) * pixels), positive));
        }
        return images;
    }

    private static String maskOf(String score) {
        return score.replaceFirst("\\.score$", ".mask");
    }
}
