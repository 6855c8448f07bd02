package io.diffusionad.app.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.diffusionad.checkpoint.DetectorModel;
import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.device.Transfers;
import io.diffusionad.diffusion.NoiseSchedule;
import io.diffusionad.diffusion.OneStepDenoiser;
import io.diffusionad.diffusion.Reconstruction;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.image.Preparation;
import io.diffusionad.metrics.ImageScore;
import io.diffusionad.nn.ParameterStore;
import io.diffusionad.nn.Pass;
import io.diffusionad.nn.SegmentationConfig;
import io.diffusionad.nn.UNetConfig;
import io.diffusionad.nn.Workspace;
import io.diffusionad.random.Purpose;
import io.diffusionad.settings.DiffusionSettings;
import io.diffusionad.settings.ModelCard;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Layouts;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.verify.GoldenWeights;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Exported graphs, run by ONNX Runtime, against the engine on the CPU. */
class OnnxExportTest {
    private static final int SIZE = 32;
    private static Device device;

    @TempDir
    private Path folder;

    @BeforeAll
    static void open() {
        device = Devices.open("cpu", DeviceOptions.DEFAULT);
    }

    @AfterAll
    static void close() {
        device.close();
    }

    @ParameterizedTest(name = "batch {0}, {1} heads or {2} channels a head, resampling blocks: {3}")
    @CsvSource({"1, 4, -1, true", "3, 2, -1, false", "2, 1, 16, true"})
    void theUNetAgrees(int batch, int heads, int headChannels, boolean resamplingBlocks)
            throws IOException, OrtException {
        ModelSettings settings = settings(new UNetConfig(
                SIZE, 3, 32, List.of(1.0, 2.0), List.of(32, 16, 8), 2, heads, headChannels, resamplingBlocks, 0));
        try (DetectorModel model = model(settings);
                Workspace workspace = new Workspace(device, "test")) {
            Path file = export(OnnxExport.Part.UNET, settings, model);
            Pass pass = Pass.inference(device.ops(), workspace, DType.FLOAT32);
            Tensor x = noise(pass, batch, 3, 0);
            long[] t = Arrays.copyOf(new long[] {0, 999, 412}, batch);
            Map<String, float[]> results = run(file, Map.of("x", nchw(x), "t", t), batch);
            assertClose(
                    nchw(model.unet().forward(pass, x, pass.upload(t))),
                    results.get("eps"),
                    model.unet().parameters());
        }
    }

    @Test
    void networksThatAreTooLargeTogetherAreExportedOneByOne() {
        long half = (1L << 28) + 1;
        String sentence = assertThrows(
                        InvalidInputException.class, () -> OnnxExport.requireFits(OnnxExport.Part.PIPELINE, half, half))
                .getMessage();
        assertTrue(sentence.contains("--part"), sentence);
        OnnxExport.requireFits(OnnxExport.Part.UNET, half, half);
        OnnxExport.requireFits(OnnxExport.Part.SEGMENTATION, half, half);
        sentence = assertThrows(
                        InvalidInputException.class, () -> OnnxExport.requireFits(OnnxExport.Part.UNET, 2 * half, half))
                .getMessage();
        assertTrue(sentence.contains("--base-channels") && !sentence.contains("--part"), sentence);
    }

    @Test
    void theSegmentationNetworkAgrees() throws IOException, OrtException {
        ModelSettings settings = settings(UNetConfig.of(SIZE, 32, List.of(1.0)));
        try (DetectorModel model = model(settings);
                Workspace workspace = new Workspace(device, "test")) {
            Path file = export(OnnxExport.Part.SEGMENTATION, settings, model);
            Pass pass = Pass.inference(device.ops(), workspace, DType.FLOAT32);
            Tensor pair = noise(pass, 2, 6, 0);
            Map<String, float[]> results = run(file, Map.of("pair", nchw(pair)), 2);
            assertClose(
                    nchw(model.segmentation().forward(pass, pair, false)),
                    results.get("probability"),
                    model.segmentation().parameters());
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "3, 0", "2, 2.5"})
    void theWholePipelineAgrees(int batch, double guidance) throws IOException, OrtException {
        ModelSettings settings = settings(UNetConfig.of(SIZE, 32, List.of(1.0, 2.0)))
                .withDiffusion(new DiffusionSettings(1000, DiffusionSettings.Schedule.COSINE, 150, 500, guidance));
        try (DetectorModel model = model(settings);
                Workspace workspace = new Workspace(device, "test")) {
            Path file = export(OnnxExport.Part.PIPELINE, settings, model);
            Pass pass = Pass.inference(device.ops(), workspace, DType.FLOAT32);
            Tensor image = noise(pass, batch, 3, 7);
            Tensor small = noise(pass, batch, 3, 100);
            Tensor big = noise(pass, batch, 3, 200);
            Map<String, float[]> results =
                    run(file, Map.of("image", nchw(image), "noise_small", nchw(small), "noise_big", nchw(big)), batch);
            Reconstruction reconstruction = new OneStepDenoiser(
                            model.unet(), NoiseSchedule.cosine(1000), new OneStepDenoiser.Scales(150, 500, (float)
                                    guidance))
                    .reconstruct(pass, image, small, big);
            assertClose(
                    nchw(reconstruction.x0Guided()),
                    results.get("reconstruction"),
                    model.unet().parameters());
            Tensor pair = pass.float32(batch, SIZE, SIZE, 6);
            device.ops().copyChannels(pair, 0, image, 0, 3);
            device.ops().copyChannels(pair, 3, reconstruction.x0Guided(), 0, 3);
            float[] map = nchw(model.segmentation().forward(pass, pair, false));
            assertClose(map, results.get("score_map"), model.segmentation().parameters());
            for (int n = 0; n < batch; n++) {
                float[] own = Arrays.copyOfRange(results.get("score_map"), n * SIZE * SIZE, (n + 1) * SIZE * SIZE);
                assertEquals(ImageScore.of(own), results.get("image_score")[n], 50 * Math.ulp(1f));
            }
        }
    }

    @Test
    void theModelCardTravels() throws IOException, OrtException {
        ModelSettings settings = settings(UNetConfig.of(SIZE, 32, List.of(1.0)));
        try (DetectorModel model = model(settings)) {
            Path file = export(OnnxExport.Part.UNET, settings, model);
            try (OrtSession session = OrtEnvironment.getEnvironment().createSession(file.toString())) {
                ModelCard card = ModelCard.fromMetadata(session.getMetadata().getCustomMetadata(), file.toString());
                assertEquals(settings, card.model());
                assertEquals("bottle", card.category());
            }
            assertArrayEquals(new String[] {"unet.onnx"}, folder.toFile().list());
            assertTrue(Files.size(file) > 4 * model.unet().parameters().parameterCount(), "weights are inside");
        }
    }

    private static ModelSettings settings(UNetConfig unet) {
        return new ModelSettings(unet, SegmentationConfig.of(8), DiffusionSettings.DEFAULT, Preparation.REFERENCE);
    }

    private static DetectorModel model(ModelSettings settings) {
        DetectorModel model = new DetectorModel(settings, device, false);
        GoldenWeights.fill(model.unet().parameters(), 1);
        GoldenWeights.fill(model.segmentation().parameters(), 2);
        return model;
    }

    private Path export(OnnxExport.Part part, ModelSettings settings, DetectorModel model) throws IOException {
        Path file = folder.resolve(part.name().toLowerCase(java.util.Locale.ROOT) + ".onnx");
        OnnxExport.write(file, part, ModelCard.uncalibrated(settings, "bottle", 3, 4), model);
        return file;
    }

    private static Tensor noise(Pass pass, int batch, int channels, long firstSample) {
        Tensor tensor = pass.float32(batch, SIZE, SIZE, channels);
        long[] samples = new long[batch];
        Arrays.setAll(samples, n -> firstSample + n);
        pass.ops().gaussianNoise(tensor, pass.upload(samples), 5, Purpose.TEST.code());
        return tensor;
    }

    private static float[] nchw(Tensor tensor) {
        return Layouts.toNchw(
                Transfers.toFloats(device, tensor), tensor.dim(0), tensor.dim(3), tensor.dim(1), tensor.dim(2));
    }

    private static Map<String, float[]> run(Path file, Map<String, Object> inputs, int batch) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            try (OrtSession session = environment.createSession(file.toString(), options)) {
                for (Map.Entry<String, Object> input : inputs.entrySet()) {
                    if (input.getValue() instanceof float[] values) {
                        long[] shape = {batch, values.length / batch / SIZE / SIZE, SIZE, SIZE};
                        tensors.put(
                                input.getKey(), OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), shape));
                    } else {
                        tensors.put(
                                input.getKey(),
                                OnnxTensor.createTensor(
                                        environment, LongBuffer.wrap((long[]) input.getValue()), new long[] {batch}));
                    }
                }
                try (OrtSession.Result result = session.run(tensors)) {
                    Map<String, float[]> outputs = new LinkedHashMap<>();
                    result.forEach(entry -> outputs.put(entry.getKey(), floats((OnnxTensor) entry.getValue())));
                    return outputs;
                }
            }
        } finally {
            tensors.values().forEach(OnnxTensor::close);
        }
    }

    private static float[] floats(OnnxTensor tensor) {
        FloatBuffer buffer = tensor.getFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    /**
     * Relative L2 distance of two float32 implementations: each may err like a naive one, {@code 2^-24·√(Σ fan_in / 6)}
     * over all layers (the rounding of every partial sum), and twice that is allowed to either.
     */
    private static void assertClose(float[] engine, float[] runtime, ParameterStore parameters) {
        double fanIn = 0;
        for (String name : parameters.names()) {
            int[] shape = parameters.referenceShape(name);
            fanIn += shape.length < 2 ? 0 : (double) parameters.parameter(name).elements() / shape[0];
        }
        double bound = 4 * 0x1p-24 * Math.sqrt(fanIn / 6);
        assertEquals(engine.length, runtime.length);
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < engine.length; i++) {
            difference += ((double) engine[i] - runtime[i]) * ((double) engine[i] - runtime[i]);
            norm += (double) engine[i] * engine[i];
        }
        double error = Math.sqrt(difference / norm);
        assertTrue(error <= bound, "relative error " + error + ", bound " + bound);
    }
}
