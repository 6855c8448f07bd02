package io.diffusionad.verify;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.io.ElementType;
import io.diffusionad.io.HostTensor;
import io.diffusionad.io.InvalidFileException;
import io.diffusionad.io.SafeTensors;
import io.diffusionad.tensor.DType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class VerifierTest {
    private static Device device;
    private static GoldenFolder builtIn;

    @TempDir
    private Path folder;

    @BeforeAll
    static void open() throws IOException {
        device = Devices.open("cpu", DeviceOptions.DEFAULT);
        builtIn = GoldenFolder.builtIn();
    }

    @AfterAll
    static void close() throws IOException {
        builtIn.close();
        device.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void builtInRecordingsPass(DType precision) throws IOException {
        VerifyReport report = Verifier.run(builtIn, device, precision, result -> {});
        assertEquals(List.of(), report.failures());
        assertTrue(report.passed());
        assertTrue(report.results().size() > 900, report.results().size() + " quantities");
    }

    /**
     * The folder of all recordings, where there is one: {@code -Dgolden=DIR}, or {@code ../shared/golden} beside the
     * repository.
     */
    @Test
    void allRecordingsPassWhereTheyAre() throws IOException {
        Path all = Path.of(System.getProperty(
                "golden",
                Path.of(System.getProperty("root.dir", ".."), "..", "shared", "golden")
                        .toString()));
        Assumptions.assumeTrue(
                Files.isDirectory(all), "no folder of recordings at " + all + ": give one with -Dgolden=DIR");
        try (GoldenFolder recordings = GoldenFolder.of(all)) {
            VerifyReport report = Verifier.run(recordings, device, DType.FLOAT32, result -> {});
            assertEquals(List.of(), report.failures());
            assertFalse(report.results().isEmpty());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "unet.safetensors, y, output",
        "unet.safetensors, dx, input gradient",
        "unet.safetensors, grad_l2, gradient probe down.0.0.weight",
        "unet.safetensors, grad.down.0.0.weight, gradient down.0.0.weight",
        "unet_plain_updown.safetensors, grad_dot, gradient probe out.2.weight",
        "segmentation.safetensors, y_eval, output in evaluation mode",
        "segmentation.safetensors, y_train, output in training mode",
        "segmentation.safetensors, after.encoder_segment.block1.1.running_var, after training mode: encoder_segment.block1.1.running_var",
        "losses.safetensors, focal, focal loss",
        "losses.safetensors, focal_grad, focal gradient",
        "losses.safetensors, smooth_l1_grad, smooth l1 gradient",
        "schedules.safetensors, cosine1000.betas, cosine1000.betas (largest relative error)",
        "perlin.safetensors, 2x8.noise, noise 2x8",
        "metrics.safetensors, 2.image_score, 2: image scores"
    })
    void aTenthOfAPercentTooMuchIsReported(String file, String tensor, String quantity) throws IOException {
        VerifyReport report = replayChanged(file, tensor, VerifierTest::scaled);
        assertFalse(report.passed());
        assertTrue(
                report.failures().stream().anyMatch(result -> result.quantity().equals(quantity)),
                report.failures().toString());
    }

    @ParameterizedTest
    @CsvSource({
        "resize.safetensors, 2.dst",
        "resize.safetensors, 2.grey_dst",
        "augment.safetensors, invert",
        "heatmap.safetensors, jet_table_rgb"
    })
    void picturesThatDifferByTwoLevelsAreReported(String file, String tensor) throws IOException {
        assertEquals(
                1,
                replayChanged(file, tensor, VerifierTest::brightened).failures().size());
    }

    @Test
    void notANumberIsReported() throws IOException {
        VerifyReport report = replayChanged(
                "losses.safetensors", "smooth_l1", tensor -> HostTensor.ofFloats(tensor.shape(), Float.NaN));
        assertEquals(
                List.of("smooth L1 loss"),
                report.failures().stream().map(VerifyResult::quantity).toList());
    }

    @Test
    void otherWeightsAreReported() throws IOException {
        SafeTensors file = read("unet.safetensors");
        Map<String, String> metadata = new LinkedHashMap<>(file.metadata());
        metadata.put("config", metadata.get("config").replace("\"salt\": 0", "\"salt\": 1"));
        SafeTensors.write(folder.resolve("unet.safetensors"), metadata, file.tensors());
        VerifyReport report = replay();
        assertTrue(
                report.failures().size() > report.results().size() / 2,
                report.failures().size() + " of " + report.results().size());
    }

    @Test
    void whatAFileLacksIsNotChecked() throws IOException {
        SafeTensors file = read("unet.safetensors");
        Map<String, HostTensor> forward = new LinkedHashMap<>(file.tensors());
        forward.keySet().retainAll(List.of("x", "t", "y"));
        Map<String, String> metadata = Map.of("config", file.metadata().get("config"));
        SafeTensors.write(folder.resolve("any name at all.safetensors"), metadata, forward);
        VerifyReport report = replay();
        assertEquals(
                List.of("output"),
                report.results().stream().map(VerifyResult::quantity).toList());
        assertTrue(report.passed());
    }

    @Test
    void unknownFilesAreNamedAndNothingPassesByDefault() throws IOException {
        Files.writeString(folder.resolve("notes.txt"), "hello");
        SafeTensors.write(
                folder.resolve("other.safetensors"), Map.of(), Map.of("z", HostTensor.ofFloats(new int[] {1}, 1)));
        VerifyReport report = replay();
        assertEquals(List.of("notes.txt", "other.safetensors"), report.skipped());
        assertFalse(report.passed(), "nothing was compared");
    }

    @Test
    void damagedFilesAreRefusedByName() throws IOException {
        byte[] whole = Files.readAllBytes(builtIn.path().resolve("losses.safetensors"));
        Files.write(folder.resolve("losses.safetensors"), Arrays.copyOf(whole, whole.length - 1));
        InvalidFileException e = assertThrows(InvalidFileException.class, this::replay);
        assertTrue(e.getMessage().contains("losses.safetensors"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"img_size\": 32|\"img_size\": 33|network cannot be built",
                "\"num_heads\": 4|\"num_heads\": 5|network cannot be built",
                "\"salt\"|salt|not JSON"
            })
    void contradictoryMetadataAreRefused(String present, String instead, String sentence) throws IOException {
        SafeTensors file = read("unet.safetensors");
        Map<String, String> metadata = new LinkedHashMap<>(file.metadata());
        metadata.put("config", metadata.get("config").replace(present, instead));
        SafeTensors.write(folder.resolve("unet.safetensors"), metadata, file.tensors());
        InvalidFileException e = assertThrows(InvalidFileException.class, this::replay);
        assertTrue(e.getMessage().contains(sentence), e.getMessage());
    }

    @Test
    void manifestsThatDifferAreReported() throws IOException {
        SafeTensors file = read("segmentation.safetensors");
        SafeTensors.write(
                folder.resolve("segmentation.safetensors"),
                file.metadata(),
                Map.of("x", file.tensor("x"), "y_eval", file.tensor("y_eval")));
        Files.writeString(
                folder.resolve("state_dict_manifest.json"),
                "{\"segmentation\": [[\"encoder_segment.block1.0.weight\", [8, 6, 3, 3]]]}",
                StandardCharsets.UTF_8);
        VerifyReport report = replay();
        assertEquals(190, report.failures().get(0).error(), "entries too few");
    }

    private VerifyReport replayChanged(String name, String tensor, UnaryOperator<HostTensor> change)
            throws IOException {
        SafeTensors file = read(name);
        Map<String, HostTensor> tensors = new LinkedHashMap<>(file.tensors());
        tensors.computeIfPresent(tensor, (key, value) -> change.apply(value));
        assertFalse(tensors.equals(file.tensors()), tensor + " is in " + name);
        SafeTensors.write(folder.resolve(name), file.metadata(), tensors);
        return replay();
    }

    private VerifyReport replay() throws IOException {
        try (GoldenFolder recordings = GoldenFolder.of(folder)) {
            return Verifier.run(recordings, device, DType.FLOAT32, result -> {});
        }
    }

    private static SafeTensors read(String name) throws IOException {
        return SafeTensors.read(builtIn.path().resolve(name));
    }

    private static HostTensor scaled(HostTensor tensor) {
        double[] values =
                Arrays.stream(tensor.toDoubles()).map(value -> value * 1.001).toArray();
        if (tensor.type() == ElementType.F64) {
            return HostTensor.ofDoubles(tensor.shape(), values);
        }
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return HostTensor.ofFloats(tensor.shape(), floats);
    }

    private static HostTensor brightened(HostTensor tensor) {
        byte[] values = tensor.toBytes();
        for (int i = 0; i < values.length / 2; i++) {
            int value = values[i] & 0xFF;
            values[i] = (byte) (value > 127 ? value - 2 : value + 2);
        }
        return HostTensor.ofBytes(tensor.shape(), values);
    }
}
