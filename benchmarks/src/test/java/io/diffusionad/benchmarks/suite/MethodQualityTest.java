package io.diffusionad.benchmarks.suite;

import io.diffusionad.benchmarks.BenchNetworks;
import io.diffusionad.benchmarks.ReconstructionMethod;
import io.diffusionad.data.Category;
import io.diffusionad.data.Dataset;
import io.diffusionad.data.TestImage;
import io.diffusionad.data.mask.MaskOptions;
import io.diffusionad.data.mask.MaskReader;
import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.evaluate.Evaluator;
import io.diffusionad.image.GreyImage;
import io.diffusionad.image.PngWriter;
import io.diffusionad.image.RgbImage;
import io.diffusionad.metrics.MetricSet;
import io.diffusionad.random.PhiloxRandom;
import io.diffusionad.random.Purpose;
import io.diffusionad.settings.DiffusionSettings;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.tensor.DType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Quality by reconstruction method, on a toy test set. */
class MethodQualityTest {
    private static final int SIZE = 32;

    @TempDir
    private Path folder;

    private Category category;

    @BeforeEach
    void writeToyCategory() {
        Path root = folder.resolve("toy");
        PngWriter.write(root.resolve("train/good/0.png"), picture(0));
        for (int i = 0; i < 4; i++) {
            PngWriter.write(root.resolve("test/good/" + i + ".png"), picture(i));
            PngWriter.write(root.resolve("test/spot/" + i + ".png"), picture(10 + i));
            PngWriter.write(root.resolve("test/dent/" + i + ".png"), picture(20 + i));
            PngWriter.write(root.resolve("ground_truth/spot/" + i + "_mask.png"), mask());
            PngWriter.write(root.resolve("ground_truth/dent/" + i + "_mask.png"), mask());
        }
        category = Dataset.open(root).category("toy");
    }

    @Test
    void normGuidedIsWhatTheProductEvaluates() {
        ModelSettings settings = ModelSettings.of(SIZE, 32, 4, List.of(1.0, 1.0));
        try (BenchNetworks networks = BenchNetworks.untrained("cpu", 1, settings, DType.FLOAT32, false);
                DetectionPipeline pipeline = new DetectionPipeline(
                        networks.device(),
                        networks.unet(),
                        networks.segmentation(),
                        settings.diffusion(),
                        DType.FLOAT32,
                        DetectionPipeline.DEFAULT_SEED)) {
            MetricSet expected = new Evaluator(pipeline, 3)
                    .evaluate(
                            category, MaskReader.of(category, MaskOptions.DEFAULT), settings.preparation(), done -> {})
                    .metrics();
            MethodQuality found = MethodQuality.measure(
                    networks,
                    ReconstructionMethod.named("norm-guided", settings.diffusion()),
                    category,
                    category.test());
            assertEquals(expected.imageAuroc(), found.imageAuroc());
            assertEquals(expected.pixelAuroc(), found.pixelAuroc());
            assertEquals(12, found.images());
            assertTrue(
                    found.reconstructionError() > 0 && found.reconstructionError() <= 2,
                    "images lie in [0, 1], reconstructions in [-1, 1]: " + found);
            MethodQuality iterative = MethodQuality.measure(
                    networks, ReconstructionMethod.named("ddim-2", settings.diffusion()), category, category.test());
            assertTrue(
                    iterative.reconstructionError() != found.reconstructionError(),
                    "another method, another reconstruction");
        }
    }

    @Test
    void aPartOfTheTestSetHasBothClassesAndEveryKindOfDefect() {
        List<TestImage> chosen = MethodQuality.spread(category, 4);
        assertEquals(2, chosen.stream().filter(image -> !image.anomalous()).count());
        assertEquals(
                List.of("dent", "spot"),
                chosen.stream()
                        .filter(TestImage::anomalous)
                        .map(TestImage::kind)
                        .sorted()
                        .toList());
        assertEquals(category.test().size(), MethodQuality.spread(category, 100).size());
    }

    @Test
    void unknownMethodsAreRefusedWithThoseThereAre() {
        for (String name : List.of("ddim-0", "ancestral-", "one-step")) {
            IllegalArgumentException refusal = assertThrows(
                    IllegalArgumentException.class, () -> ReconstructionMethod.named(name, DiffusionSettings.DEFAULT));
            assertTrue(
                    refusal.getMessage().contains(name) && refusal.getMessage().contains("ddim-N"),
                    refusal.getMessage());
        }
    }

    private static RgbImage picture(int number) {
        PhiloxRandom random = new PhiloxRandom(1, Purpose.TEST, number);
        byte[] rgb = new byte[3 * SIZE * SIZE];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) random.nextInt(256);
        }
        return new RgbImage(SIZE, SIZE, rgb);
    }

    private static GreyImage mask() {
        byte[] grey = new byte[SIZE * SIZE];
        for (int i = 0; i < grey.length / 4; i++) {
            grey[i] = (byte) 255;
        }
        return new GreyImage(SIZE, SIZE, grey);
    }
}
