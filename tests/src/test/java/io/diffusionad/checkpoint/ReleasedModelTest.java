package io.diffusionad.checkpoint;

import io.diffusionad.AnomalyDetector;
import io.diffusionad.Detection;
import io.diffusionad.DetectorOptions;
import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.image.RgbImage;
import io.diffusionad.nn.ParameterStore.Slab;
import io.diffusionad.random.PhiloxRandom;
import io.diffusionad.random.Purpose;
import io.diffusionad.settings.ModelCard;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.settings.Precision;
import io.diffusionad.tensor.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A detector gives its weights up as it packs them: the scores are those of networks that keep them, and nothing reads
 * what is gone.
 */
class ReleasedModelTest {
    private static final int SIZE = 32;
    private static final ModelSettings SETTINGS = ModelSettings.of(SIZE, 32, 4, List.of(1.0, 1.0));
    private static final String DEEP_WEIGHT = "middle.0.in_layers.2.weight";

    @ParameterizedTest
    @EnumSource(
            value = Precision.class,
            names = {"FLOAT32", "BF16"})
    void detectsAsNetworksThatKeepTheirWeights(Precision precision, @TempDir Path folder) throws IOException {
        Path file = folder.resolve("model.safetensors");
        List<RgbImage> images = List.of(image(1), image(2), image(3));
        List<float[]> expected;
        try (Device device = Devices.open("cpu", DeviceOptions.DEFAULT);
                DetectorModel model = initialised(device, false)) {
            Checkpoint.writeModel(file, ModelCard.uncalibrated(SETTINGS, "test", 0, 1), model);
            try (DetectionPipeline pipeline = pipeline(device, model, precision.on(device))) {
                expected = pipeline.scoreMaps(
                        images.stream().map(RgbImage::toFloats).toList());
            }
        }
        try (AnomalyDetector detector = AnomalyDetector.load(
                file,
                DetectorOptions.DEFAULT
                        .withDevice("cpu")
                        .withPrecision(precision)
                        .withBatch(2))) {
            assertArrayEquals(expected.get(1), detector.detect(images.get(1)).scoreMap());
            List<Detection> all = detector.detect(images); // two and one
            for (int i = 0; i < images.size(); i++) {
                assertArrayEquals(expected.get(i), all.get(i).scoreMap());
            }
        }
    }

    @Test
    void nothingReadsWhatIsGone(@TempDir Path folder) throws IOException {
        try (Device device = Devices.open("cpu", DeviceOptions.DEFAULT);
                DetectorModel model = initialised(device, false)) {
            model.allowRelease();
            var unet = model.unet().parameters();
            assertFalse(unet.weight(DEEP_WEIGHT).isReleased());
            try (DetectionPipeline pipeline = pipeline(device, model, DType.FLOAT32)) {
                pipeline.scoreMaps(List.of(image(1).toFloats()));
            }
            assertTrue(unet.weight(DEEP_WEIGHT).isReleased());
            assertTrue(model.segmentation()
                    .parameters()
                    .weight("encoder_segment.block6.0.weight")
                    .isReleased());
            assertThrows(IllegalStateException.class, () -> unet.exportReference(DEEP_WEIGHT));
            assertThrows(
                    IllegalStateException.class,
                    () -> unet.importReference(
                            DEEP_WEIGHT, new float[unet.parameter(DEEP_WEIGHT).elements()]));
            assertThrows(IllegalStateException.class, () -> unet.slab(Slab.VALUES));
            assertThrows(IllegalStateException.class, unet::changed);
            Path file = folder.resolve("model.safetensors");
            assertThrows(
                    IllegalStateException.class,
                    () -> Checkpoint.writeModel(file, ModelCard.uncalibrated(SETTINGS, "test", 0, 1), model));
            assertFalse(Files.exists(file));
        }
    }

    @Test
    void networksInTrainingKeepTheirWeights() {
        try (Device device = Devices.open("cpu", DeviceOptions.DEFAULT);
                DetectorModel model = initialised(device, true)) {
            assertThrows(IllegalStateException.class, model::allowRelease);
        }
    }

    private static DetectorModel initialised(Device device, boolean trainable) {
        DetectorModel model = new DetectorModel(SETTINGS, device, trainable);
        model.initialise(3);
        // The last convolution starts at zero; with other values the predicted noise matters.
        float[] last =
                new float[model.unet().parameters().parameter("out.2.weight").elements()];
        for (int i = 0; i < last.length; i++) {
            last[i] = (float) Math.sin(i) * 0.05f;
        }
        model.unet().parameters().importReference("out.2.weight", last);
        return model;
    }

    private static DetectionPipeline pipeline(Device device, DetectorModel model, DType type) {
        return new DetectionPipeline(
                device, model.unet(), model.segmentation(), SETTINGS.diffusion(), type, DetectionPipeline.DEFAULT_SEED);
    }

    private static RgbImage image(int number) {
        PhiloxRandom random = new PhiloxRandom(11, Purpose.TEST, number);
        byte[] pixels = new byte[SIZE * SIZE * 3];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (256 * random.nextFloat());
        }
        return new RgbImage(SIZE, SIZE, pixels);
    }
}
