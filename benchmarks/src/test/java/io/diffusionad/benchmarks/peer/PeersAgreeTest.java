package io.diffusionad.benchmarks.peer;

import io.diffusionad.app.onnx.OnnxExport;
import io.diffusionad.benchmarks.BenchNetworks;
import io.diffusionad.benchmarks.peer.WorkerProcess.Contestant;
import io.diffusionad.settings.ModelCard;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.tensor.DType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The real programs, with small networks: that they compute the same is what makes their times comparable. */
class PeersAgreeTest {
    private static final int SIZE = 64;
    private static final String THREADS = "1";

    @TempDir
    private Path folder;

    private Path checkpoint;
    private Path inputs;
    private Path onnx;
    private Agreement agreement;
    private boolean int8;

    @BeforeEach
    void writeModelAndInputs() throws IOException {
        checkpoint = folder.resolve("model.safetensors");
        inputs = folder.resolve("inputs.safetensors");
        onnx = folder.resolve("model.onnx");
        PeerInputs.byFormula(2, SIZE).write(inputs);
        ModelSettings settings = ModelSettings.of(SIZE, 32, 4, List.of(1.0, 1.0, 1.0));
        try (BenchNetworks networks = BenchNetworks.untrained("cpu", 1, settings, DType.FLOAT32, false)) {
            networks.writeCheckpoint(checkpoint);
            OnnxExport.write(
                    onnx, OnnxExport.Part.PIPELINE, ModelCard.uncalibrated(settings, "test", 0, 0), networks.model());
            int8 = networks.device().computesInt8();
            agreement = Agreement.of(
                    DType.FLOAT32,
                    List.of(
                            networks.unet().parameters(),
                            networks.segmentation().parameters()));
        }
    }

    @Test
    void inOneStepDetection() throws IOException {
        List<Comparison.Line> lines = Comparison.run(
                List.of(
                        engine("one-step"),
                        libTorch("one-step", TorchVariant.CHANNELS_LAST),
                        libTorch("one-step", TorchVariant.FROZEN_CHANNELS_LAST),
                        new Contestant(
                                "ONNX Runtime",
                                "",
                                OnnxWorker.class,
                                OnnxWorker.JVM_OPTIONS,
                                List.of(THREADS, onnx.toString(), inputs.toString()),
                                Map.of())),
                contestant -> agreement,
                1,
                folder,
                () -> {});
        assertEquals(4, lines.size());
        assertTrue(
                lines.get(1).program().matches("LibTorch \\d+\\.\\d+.*"),
                lines.get(1).program());
        assertTrue(
                lines.get(3).program().matches("ONNX Runtime \\d+\\.\\d+.*"),
                lines.get(3).program());
    }

    @Test
    void inInt8() throws IOException {
        assumeTrue(int8, "this processor has no AVX2");
        List<Comparison.Line> lines = Comparison.run(
                List.of(engine("one-step"), engine("one-step", EngineWorker.INT8)),
                contestant -> Agreement.INT8,
                1,
                folder,
                () -> {});
        assertTrue(lines.get(1).distance() * lines.get(1).bound() > 1e-4, "8 bits round more than float32");
    }

    @Test
    void inATrainingStep() throws IOException {
        List<Comparison.Line> lines = Comparison.run(
                List.of(engine("training"), libTorch("training", TorchVariant.CONTIGUOUS)),
                contestant -> agreement,
                1,
                folder,
                () -> {});
        assertEquals(2, lines.size());
        assertTrue(lines.get(1).distance() > 0, "different programs round differently");
    }

    private Contestant engine(String task) {
        return engine(task, "");
    }

    private Contestant engine(String task, String variant) {
        return new Contestant(
                "DiffusionAD",
                variant,
                EngineWorker.class,
                List.of(),
                List.of(task, "cpu", THREADS, "FLOAT32", checkpoint.toString(), inputs.toString(), variant),
                Map.of());
    }

    private Contestant libTorch(String task, TorchVariant variant) {
        return new Contestant(
                "LibTorch",
                variant.label(),
                LibTorchWorker.class,
                LibTorchWorker.JVM_OPTIONS,
                List.of(task, THREADS, "FLOAT32", variant.name(), checkpoint.toString(), inputs.toString()),
                LibTorchWorker.ENVIRONMENT);
    }
}
