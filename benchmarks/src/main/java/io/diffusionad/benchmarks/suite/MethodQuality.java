package io.diffusionad.benchmarks.suite;

import io.diffusionad.benchmarks.BenchNetworks;
import io.diffusionad.benchmarks.ReconstructionMethod;
import io.diffusionad.data.Category;
import io.diffusionad.data.TestImage;
import io.diffusionad.data.TestSample;
import io.diffusionad.data.mask.MaskOptions;
import io.diffusionad.data.mask.MaskReader;
import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.device.Transfers;
import io.diffusionad.metrics.MetricSet;
import io.diffusionad.metrics.Metrics;
import io.diffusionad.metrics.ScoredImage;
import io.diffusionad.tensor.Tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How good a trained detector is when its images are reconstructed in one way or another: the same networks, the same
 * segmentation, the same noise seeds as in detection.
 *
 * @param images that were evaluated
 * @param reconstructionError mean absolute difference of a good image (0 to 1) and its reconstruction
 */
record MethodQuality(int images, double imageAuroc, double pixelAuroc, double reconstructionError) {
    private static final int BATCH = 4;

    /** @param images of the test set, from {@link #spread} */
    static MethodQuality measure(
            BenchNetworks networks, ReconstructionMethod method, Category category, List<TestImage> images) {
        MaskReader masks = MaskReader.of(category, MaskOptions.DEFAULT);
        List<ScoredImage> scored = new ArrayList<>();
        double error = 0;
        int good = 0;
        for (int from = 0; from < images.size(); from += BATCH) {
            List<TestSample> samples = images.subList(from, Math.min(from + BATCH, images.size())).stream()
                    .map(image -> TestSample.load(
                            image,
                            masks,
                            networks.settings().preparation(),
                            networks.settings().imageSize()))
                    .toList();
            List<Judged> judged = run(networks, method, samples);
            for (int i = 0; i < judged.size(); i++) {
                boolean anomalous = samples.get(i).file().anomalous();
                scored.add(samples.get(i).scored(judged.get(i).scoreMap));
                if (!anomalous) {
                    error += judged.get(i).error;
                    good++;
                }
            }
        }
        MetricSet metrics = Metrics.evaluate(scored);
        return new MethodQuality(images.size(), metrics.imageAuroc(), metrics.pixelAuroc(), error / good);
    }

    /** So many test images, half of them good where there are enough, evenly spread over the kinds of defects. */
    static List<TestImage> spread(Category category, int count) {
        List<TestImage> good =
                category.test().stream().filter(image -> !image.anomalous()).toList();
        List<TestImage> defective =
                category.test().stream().filter(TestImage::anomalous).toList();
        int goodCount = Math.min(good.size(), Math.max(1, count / 2));
        List<TestImage> chosen = new ArrayList<>(every(good, goodCount));
        chosen.addAll(every(defective, Math.min(defective.size(), Math.max(1, count - goodCount))));
        return chosen;
    }

    private record Judged(float[] scoreMap, double error) {}

    private static List<Judged> run(BenchNetworks networks, ReconstructionMethod method, List<TestSample> samples) {
        int n = samples.size();
        int size = networks.settings().imageSize();
        try (var scope = networks.workspace().main().scope()) {
            Tensor x0 = networks.workspace().main().float32(n, size, size, 3);
            float[] images = new float[Math.toIntExact(x0.elements())];
            for (int i = 0; i < n; i++) {
                float[] image = samples.get(i).image().toFloats();
                System.arraycopy(image, 0, images, i * image.length, image.length);
            }
            Transfers.upload(networks.device(), x0, images);
            BenchNetworks.Output output = networks.run(method, x0, DetectionPipeline.DEFAULT_SEED);
            float[] reconstructions = Transfers.toFloats(networks.device(), output.reconstruction());
            float[] maps = Transfers.toFloats(networks.device(), output.probabilities());
            List<Judged> judged = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                judged.add(new Judged(
                        Arrays.copyOfRange(maps, i * size * size, (i + 1) * size * size),
                        meanDistance(images, reconstructions, i, n)));
            }
            return judged;
        }
    }

    private static double meanDistance(float[] images, float[] reconstructions, int sample, int samples) {
        int values = images.length / samples;
        double sum = 0;
        for (int i = sample * values; i < (sample + 1) * values; i++) {
            sum += Math.abs((double) images[i] - reconstructions[i]);
        }
        return sum / values;
    }

    private static List<TestImage> every(List<TestImage> images, int count) {
        List<TestImage> chosen = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            chosen.add(images.get(i * images.size() / count));
        }
        return chosen;
    }
}
