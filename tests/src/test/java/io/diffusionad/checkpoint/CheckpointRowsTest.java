package io.diffusionad.checkpoint;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.nn.ParameterStore;
import io.diffusionad.settings.ModelCard;
import io.diffusionad.settings.ModelSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Weights larger than what is read at once. */
class CheckpointRowsTest {
    private static final ModelSettings SETTINGS = ModelSettings.of(32, 96, 4, List.of(1.0, 1.0));
    private static final String LARGE = "up.0.0.in_layers.2.weight"; // 192 channels become 96: 165,888 elements

    @Test
    void everyValueComesBack(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("model.safetensors");
        try (Device device = Devices.open("cpu", DeviceOptions.DEFAULT);
                DetectorModel written = new DetectorModel(SETTINGS, device, false);
                DetectorModel read = new DetectorModel(SETTINGS, device, false)) {
            written.initialise(4);
            assertTrue(written.unet().parameters().parameter(LARGE).elements() > 1 << 17);
            Checkpoint.writeModel(file, ModelCard.uncalibrated(SETTINGS, "test", 0, 1), written);
            Checkpoint.readWeights(file, read);
            assertSame(written.unet().parameters(), read.unet().parameters());
            assertSame(written.segmentation().parameters(), read.segmentation().parameters());
        }
    }

    @Test
    void aValueThatIsNotFiniteIsRefusedByName(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("model.safetensors");
        try (Device device = Devices.open("cpu", DeviceOptions.DEFAULT);
                DetectorModel written = new DetectorModel(SETTINGS, device, false);
                DetectorModel read = new DetectorModel(SETTINGS, device, false)) {
            ParameterStore unet = written.unet().parameters();
            float[] values = unet.exportReference(LARGE);
            values[values.length - 3] = Float.NEGATIVE_INFINITY;
            unet.importReference(LARGE, values);
            Checkpoint.writeModel(file, ModelCard.uncalibrated(SETTINGS, "test", 0, 1), written);
            String message = assertThrows(InvalidInputException.class, () -> Checkpoint.readWeights(file, read))
                    .getMessage();
            assertTrue(message.contains("tensor unet." + LARGE + " holds -Infinity"), message);
        }
    }

    private static void assertSame(ParameterStore expected, ParameterStore actual) {
        expected.names()
                .forEach(name -> assertArrayEquals(expected.exportReference(name), actual.exportReference(name), name));
    }
}
