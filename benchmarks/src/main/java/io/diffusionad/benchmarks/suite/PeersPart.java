package io.diffusionad.benchmarks.suite;

import io.diffusionad.app.onnx.OnnxExport;
import io.diffusionad.benchmarks.BenchNetworks;
import io.diffusionad.benchmarks.peer.Agreement;
import io.diffusionad.benchmarks.peer.Comparison;
import io.diffusionad.benchmarks.peer.EngineWorker;
import io.diffusionad.benchmarks.peer.LibTorchWorker;
import io.diffusionad.benchmarks.peer.OnnxWorker;
import io.diffusionad.benchmarks.peer.PeerInputs;
import io.diffusionad.benchmarks.peer.TorchVariant;
import io.diffusionad.benchmarks.peer.WorkerProcess.Contestant;
import io.diffusionad.settings.ModelCard;
import io.diffusionad.settings.Precision;
import io.diffusionad.tensor.DType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * This engine (int8 beside the faster of its other types), LibTorch and ONNX Runtime in turn, each in its own process:
 * one-step detection of one image with the profile's network, and a training step with its training network (the
 * full-size network's does not fit a benchmark's minutes on a CPU).
 */
final class PeersPart implements Part {
    /** Outputs and the round that does not count. */
    private static final int ROUNDS_BESIDE = 2;
    /** Of one full-size float32 run. */
    private static final double SECONDS_A_RUN = 6;

    private static final double BFLOAT16_SPEED = 3;
    private static final String ONE_STEP = "one-step";
    private static final String TRAINING = "training";

    private final Setting setting;
    private final String task;
    private final DType precision;

    private PeersPart(Setting setting, String task, DType precision) {
        this.setting = setting;
        this.task = task;
        this.precision = precision;
    }

    /** One part a task and precision, so that each is written when it is done. */
    static List<Part> all(Setting setting) {
        List<Part> parts = new ArrayList<>();
        for (String task : List.of(ONE_STEP, TRAINING)) {
            setting.activationTypes().forEach(precision -> parts.add(new PeersPart(setting, task, precision)));
        }
        return parts;
    }

    @Override
    public double plannedSeconds() {
        double speed = precision == DType.FLOAT32 ? 1 : BFLOAT16_SPEED;
        int contestants = 1 + torchVariants().size() + (withOnnx() ? 1 : 0);
        return SECONDS_A_RUN / speed * contestants * (setting.profile().rounds() + ROUNDS_BESIDE);
    }

    @Override
    public Results measure(Results results, Meter meter) throws IOException {
        long start = System.nanoTime();
        double load = Machine.load();
        boolean training = isTraining();
        BenchProfile.Network network = training
                ? setting.profile().trainingNetwork()
                : setting.profile().network();
        int batch = training ? setting.profile().trainingBatch() : 1;
        meter.at(task + " in " + precision + " beside peers");
        Path checkpoint = setting.work().resolve("peers.safetensors");
        Path onnx = setting.work().resolve("peers.onnx");
        Path inputs = setting.work().resolve("peers-inputs.safetensors");
        PeerInputs.byFormula(batch, network.imageSize()).write(inputs);
        Results.Model model;
        Agreement agreement;
        boolean withInt8;
        // The device is closed before the race, and its memory given back.
        try (BenchNetworks networks =
                BenchNetworks.untrained(setting.device(), setting.threads(), network.settings(), precision, false)) {
            networks.writeCheckpoint(checkpoint);
            if (withOnnx()) {
                OnnxExport.write(
                        onnx,
                        OnnxExport.Part.PIPELINE,
                        ModelCard.uncalibrated(networks.settings(), "benchmark", 0, 0),
                        networks.model());
            }
            model = Setting.describe(networks.settings(), networks.model());
            withInt8 =
                    !training && networks.device().computesInt8() && precision == Precision.INT8.on(networks.device());
            agreement = Agreement.of(
                    precision,
                    List.of(
                            networks.unet().parameters(),
                            networks.segmentation().parameters()));
        }
        List<Contestant> contestants = contestants(checkpoint, inputs);
        if (withInt8) {
            contestants.add(engine(EngineWorker.INT8, checkpoint, inputs));
        }
        if (withOnnx()) {
            contestants.add(new Contestant(
                    "ONNX Runtime",
                    "",
                    OnnxWorker.class,
                    OnnxWorker.JVM_OPTIONS,
                    List.of(Integer.toString(setting.threads()), onnx.toString(), inputs.toString()),
                    Map.of()));
        }
        double runSeconds =
                plannedSeconds() / contestants.size() / (setting.profile().rounds() + 1);
        List<Comparison.Line> lines = Comparison.run(
                contestants,
                contestant -> contestant.variant().equals(EngineWorker.INT8) ? Agreement.INT8 : agreement,
                setting.profile().rounds(),
                setting.work(),
                () -> meter.done(runSeconds));
        Files.deleteIfExists(onnx);
        Files.delete(checkpoint);
        return results.with(new Results.PeerGroup(
                setting.stamp(start, load),
                task,
                model,
                batch,
                precision.name(),
                setting.profile().rounds(),
                lines));
    }

    private boolean isTraining() {
        return task.equals(TRAINING);
    }

    private boolean withOnnx() {
        return !isTraining() && precision == DType.FLOAT32;
    }

    private List<TorchVariant> torchVariants() {
        return Arrays.stream(TorchVariant.values())
                .filter(variant -> !(variant.isFrozen() && isTraining()))
                .toList();
    }

    private Contestant engine(String variant, Path checkpoint, Path inputs) {
        return new Contestant(
                "DiffusionAD",
                variant,
                EngineWorker.class,
                List.of("-Xmx2g"),
                List.of(
                        task,
                        setting.device(),
                        Integer.toString(setting.threads()),
                        precision.name(),
                        checkpoint.toString(),
                        inputs.toString(),
                        variant),
                Map.of());
    }

    private List<Contestant> contestants(Path checkpoint, Path inputs) {
        String threads = Integer.toString(setting.threads());
        List<Contestant> contestants = new ArrayList<>();
        contestants.add(engine("", checkpoint, inputs));
        for (TorchVariant variant : torchVariants()) {
            contestants.add(new Contestant(
                    "LibTorch",
                    variant.label(),
                    LibTorchWorker.class,
                    LibTorchWorker.JVM_OPTIONS,
                    List.of(task, threads, precision.name(), variant.name(), checkpoint.toString(), inputs.toString()),
                    LibTorchWorker.ENVIRONMENT));
        }
        return contestants;
    }
}
