package io.diffusionad.checkpoint;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.io.HostTensor;
import io.diffusionad.io.InvalidFileException;
import io.diffusionad.nn.SegmentationConfig;
import io.diffusionad.nn.UNetConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ReferenceCheckpointTest {
    @TempDir
    private Path folder;

    private ReferenceCheckpoint read() throws IOException {
        Path file = folder.resolve("params-best.pt");
        try (InputStream in = getClass().getResourceAsStream("/torch/reference-checkpoint.pt")) {
            Files.write(file, in.readAllBytes());
        }
        return ReferenceCheckpoint.read(file, "bottle");
    }

    @Test
    void settingsAndWeightsAreTaken() throws IOException {
        ReferenceCheckpoint reference = read();
        assertEquals(
                UNetConfig.of(32, 32, List.of(1.0)), reference.card().model().unet());
        assertEquals(SegmentationConfig.of(4), reference.card().model().segmentation());
        assertEquals("bottle", reference.card().category());
        assertTrue(
                reference.remarks().get(0).contains("random_slice"),
                reference.remarks().toString());
    }

    /** Converted, written, and read again: the same numbers under the same names. */
    @Test
    void conversionKeepsEveryValue() throws IOException {
        ReferenceCheckpoint reference = read();
        Path file = folder.resolve("bottle.safetensors");
        try (Device device = Devices.open("cpu", DeviceOptions.DEFAULT);
                DetectorModel model = new DetectorModel(reference.card().model(), device, false);
                DetectorModel again = new DetectorModel(reference.card().model(), device, false)) {
            reference.copyInto(model);
            Checkpoint.writeModel(file, reference.card(), model);
            assertEquals(reference.card(), Checkpoint.readCard(file));
            Checkpoint.readWeights(file, again);
            for (Map.Entry<String, HostTensor> entry : reference.unet().entrySet()) {
                assertArrayEquals(
                        entry.getValue().toFloats(),
                        again.unet().parameters().exportReference(entry.getKey()),
                        entry.getKey());
            }
            for (Map.Entry<String, HostTensor> entry : reference.segmentation().entrySet()) {
                assertArrayEquals(
                        entry.getValue().toFloats(),
                        again.segmentation().parameters().exportReference(entry.getKey()),
                        entry.getKey());
            }
        }
    }

    @Test
    void otherArchitecturesAreRefused() throws IOException {
        assertRefused(unet -> unet.remove("out.2.bias"), "out.2.bias is missing");
        assertRefused(unet -> unet.put("extra", HostTensor.ofFloats(new int[] {1}, 0)), "extra too many");
        assertRefused(
                unet -> unet.put("out.2.bias", HostTensor.ofFloats(new int[] {4}, 0, 0, 0, 0)),
                "out.2.bias is [4] instead of [3]");
    }

    @Test
    void otherTorchFilesAreRefused() throws IOException {
        Path file = folder.resolve("other.pt");
        try (InputStream in = getClass().getResourceAsStream("/torch/small-zip.pt")) {
            Files.write(file, in.readAllBytes());
        }
        InvalidFileException e = assertThrows(InvalidFileException.class, () -> ReferenceCheckpoint.read(file, "x"));
        assertTrue(e.getMessage().contains("unet_model_state_dict"), e.getMessage());
    }

    private void assertRefused(Consumer<Map<String, HostTensor>> change, String sentence) throws IOException {
        ReferenceCheckpoint reference = read();
        Map<String, HostTensor> unet = new LinkedHashMap<>(reference.unet());
        change.accept(unet);
        ReferenceCheckpoint changed = new ReferenceCheckpoint(
                reference.file(), reference.card(), unet, reference.segmentation(), reference.remarks());
        try (Device device = Devices.open("cpu", DeviceOptions.DEFAULT);
                DetectorModel model = new DetectorModel(reference.card().model(), device, false)) {
            InvalidInputException e = assertThrows(InvalidInputException.class, () -> changed.copyInto(model));
            assertTrue(e.getMessage().contains(sentence), e.getMessage());
        }
    }
}
