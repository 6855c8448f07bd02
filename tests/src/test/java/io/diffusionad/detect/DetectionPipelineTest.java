package io.diffusionad.detect;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.nn.SegmentationNetwork;
import io.diffusionad.nn.UNet;
import io.diffusionad.random.PhiloxRandom;
import io.diffusionad.random.Purpose;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class DetectionPipelineTest {
    private static final int SIZE = 32;

    private Device device;
    private Arena arena;
    private UNet unet;
    private SegmentationNetwork segmentation;
    private final ModelSettings settings = ModelSettings.of(SIZE, 32, 4, List.of(1.0, 1.0));

    @BeforeEach
    void open() {
        device = Devices.open("cpu", DeviceOptions.DEFAULT);
        arena = device.newArena("parameters");
        unet = new UNet(settings.unet(), device, arena, false);
        unet.parameters().initialise(1);
        // The last convolution starts at zero; with other values the predicted noise matters.
        float[] last = new float[unet.parameters().exportReference("out.2.weight").length];
        for (int i = 0; i < last.length; i++) {
            last[i] = (float) Math.sin(i) * 0.05f;
        }
        unet.parameters().importReference("out.2.weight", last);
        segmentation = new SegmentationNetwork(settings.segmentation(), device, arena, false);
        segmentation.parameters().initialise(2);
    }

    @AfterEach
    void close() {
        arena.close();
        device.close();
    }

    @Test
    void aScoreDependsOnTheImageAndTheSeedAlone() {
        List<float[]> images = images(3);
        try (DetectionPipeline pipeline = pipeline(7)) {
            List<float[]> together = pipeline.scoreMaps(images);
            for (int i = 0; i < images.size(); i++) {
                assertArrayEquals(
                        together.get(i),
                        pipeline.scoreMaps(List.of(images.get(i))).get(0),
                        1e-6f);
            }
            float[] again = pipeline.scoreMaps(List.of(images.get(1))).get(0);
            assertArrayEquals(pipeline.scoreMaps(List.of(images.get(1))).get(0), again);
        }
        try (DetectionPipeline pipeline = pipeline(8)) {
            float[] other = pipeline.scoreMaps(List.of(images.get(0))).get(0);
            try (DetectionPipeline first = pipeline(7)) {
                assertFalse(
                        Arrays.equals(first.scoreMaps(List.of(images.get(0))).get(0), other));
            }
        }
    }

    @Test
    void panelsHoldTheSameScoresAndFiniteReconstructions() {
        List<float[]> images = images(2);
        try (DetectionPipeline pipeline = pipeline(7)) {
            List<Panels> panels = pipeline.panels(images);
            List<float[]> maps = pipeline.scoreMaps(images);
            for (int i = 0; i < 2; i++) {
                assertArrayEquals(maps.get(i), panels.get(i).scoreMap());
                for (float value : panels.get(i).x0Guided()) {
                    assertTrue(value >= -1 && value <= 1, "x0 " + value);
                }
            }
        }
    }

    @Test
    void memoryStaysAsItIsAfterTheFirstCall() {
        try (DetectionPipeline pipeline = pipeline(7)) {
            pipeline.scoreMaps(images(2));
            long reserved = pipeline.reservedMemory();
            for (int i = 0; i < 3; i++) {
                pipeline.scoreMaps(images(2));
            }
            assertEquals(reserved, pipeline.reservedMemory());
            assertEquals(8, pipeline.timer().images());
            assertTrue(pipeline.timer().secondsPerImage().get(StageTimer.Stage.RECONSTRUCTION) > 0);
        }
    }

    @Test
    void imagesOfAnotherSizeAreRefused() {
        try (DetectionPipeline pipeline = pipeline(7)) {
            assertThrows(IllegalArgumentException.class, () -> pipeline.scoreMaps(List.of(new float[SIZE * SIZE])));
        }
    }

    private DetectionPipeline pipeline(long seed) {
        return new DetectionPipeline(device, unet, segmentation, settings.diffusion(), DType.FLOAT32, seed);
    }

    private static List<float[]> images(int count) {
        List<float[]> images = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            PhiloxRandom random = new PhiloxRandom(5, Purpose.TEST, n);
            float[] image = new float[SIZE * SIZE * 3];
            for (int i = 0; i < image.length; i++) {
                image[i] = random.nextFloat();
            }
            images.add(image);
        }
        return images;
    }
}
