package io.diffusionad.backend.cpu;

import io.diffusionad.backend.cuda.FreshJvm;
import io.diffusionad.checkpoint.DetectorModel;
import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.settings.Precision;
import io.diffusionad.verify.GoldenWeights;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/** A score map is the same to the bit whatever the batch and whatever lies beside the image, in every precision. */
class CpuBatchIndependenceTest {
    private static final int SIZE = 32;
    private static final int IMAGES = 7;
    private static final int[] BATCHES = {1, 2, 3, 7};

    @ParameterizedTest
    @EnumSource(
            value = Precision.class,
            names = {"FLOAT32", "BF16", "INT8"})
    void scoresDoNotDependOnTheBatch(Precision precision) {
        try (Device device = new CpuDeviceProvider().open(0, new DeviceOptions(2, "own"))) {
            Assumptions.assumeTrue(
                    precision != Precision.INT8 || device.computesInt8(), "this processor computes nothing in int8");
            requireIndependence(device, precision);
        }
    }

    /** oneDNN convolves bfloat16 by other implementations where the processor has no products of it. */
    @Test
    void norDoTheyWithoutProductsOfBfloat16(@TempDir Path temporary) throws IOException, InterruptedException {
        Process process = FreshJvm.of(
                        temporary,
                        Map.of("ONEDNN_MAX_CPU_ISA", "AVX512_CORE"),
                        "-D" + CpuDevice.INSTRUCTION_SET_PROPERTY + "=avx2",
                        Child.class.getName())
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertEquals(0, process.waitFor(), output);
        assertEquals("independent", output.lines().reduce((first, last) -> last).orElse(""), output);
    }

    static final class Child {
        private Child() {}

        public static void main(String[] arguments) {
            try (Device device = new CpuDeviceProvider().open(0, new DeviceOptions(1, "own"))) {
                requireIndependence(device, Precision.BF16);
            }
            System.out.println("independent");
        }
    }

    private static void requireIndependence(Device device, Precision precision) {
        ModelSettings settings = ModelSettings.of(SIZE, 32, 16, List.of(1.0, 2.0));
        try (DetectorModel model = new DetectorModel(settings, device, false)) {
            GoldenWeights.fill(model.unet().parameters(), 1);
            GoldenWeights.fill(model.segmentation().parameters(), 2);
            try (DetectionPipeline pipeline = new DetectionPipeline(
                    device, model.unet(), model.segmentation(), settings.diffusion(), precision.on(device), 0)) {
                List<float[]> images = images();
                if (precision == Precision.INT8) {
                    pipeline.inInt8(pipeline.measureRanges(images.subList(0, 1)));
                }
                List<float[]> alone = images.stream()
                        .map(image -> pipeline.scoreMaps(List.of(image)).get(0))
                        .toList();
                assertFalse(Arrays.equals(alone.get(0), alone.get(1)), "different images, different maps");
                for (int batch : BATCHES) {
                    for (int from = 0; from + batch <= IMAGES; from += batch) {
                        List<float[]> together = pipeline.scoreMaps(images.subList(from, from + batch));
                        for (int i = 0; i < batch; i++) {
                            assertArrayEquals(
                                    alone.get(from + i),
                                    together.get(i),
                                    precision + ", image " + (from + i) + " in a batch of " + batch);
                        }
                    }
                }
            }
        }
    }

    private static List<float[]> images() {
        Random random = new Random(20);
        List<float[]> images = new ArrayList<>();
        for (int n = 0; n < IMAGES; n++) {
            float[] image = new float[SIZE * SIZE * 3];
            for (int i = 0; i < image.length; i++) {
                image[i] = random.nextFloat();
            }
            images.add(image);
        }
        return images;
    }
}
