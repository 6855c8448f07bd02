package io.diffusionad.benchmarks.card;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.OutOfDeviceMemoryException;
import io.diffusionad.train.MemoryMode;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Measures a card without a build tool beside it. Arguments: device, providers, profile ({@code full} or {@code tiny}),
 * output folder, and the part: {@code networks} (one-step inference and a training step) or {@code operations}
 * (ceilings, then every operation of the full-size networks). Lines go into {@code results.json} as they are measured;
 * {@code networks} first writes both networks' outputs for {@code peers/peer.py}.
 */
public final class CardBenchmark {
    private static final List<DType> PRECISIONS = List.of(DType.BFLOAT16, DType.FLOAT32);
    private static final String SECTION = "ours";

    private final Device device;
    private final Profile profile;
    private final Path folder;
    private final CardResults results;

    private CardBenchmark(Device device, Profile profile, Path folder) throws IOException {
        this.device = device;
        this.profile = profile;
        this.folder = folder;
        this.results = CardResults.open(folder);
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 5) {
            System.err.println(
                    "usage: CardBenchmark DEVICE own|cublas|cudnn|auto full|tiny FOLDER networks|operations");
            System.exit(2);
        }
        try (Device device = Devices.open(arguments[0], new DeviceOptions(0, arguments[1]))) {
            CardBenchmark benchmark = new CardBenchmark(device, Profile.named(arguments[2]), Path.of(arguments[3]));
            benchmark.describe(arguments[1]);
            switch (arguments[4]) {
                case "networks" -> benchmark.networks();
                case "operations" -> benchmark.operations();
                default ->
                    throw new IllegalArgumentException(
                            "unknown part '" + arguments[4] + "': use networks or operations");
            }
            System.out.println(arguments[4] + " measured");
        }
    }

    private void describe(String providers) {
        results.set(SECTION, "device", device.description());
        results.set(SECTION, "providers", providers);
        results.set(SECTION, "date", Instant.now().toString());
        results.set(SECTION, "profile", profile.name());
        results.set(SECTION, "unet", profile.unet());
        results.set(SECTION, "segmentation", profile.segmentation());
        results.set(SECTION, "training_batch", profile.trainingBatch());
        results.set(SECTION, "batches", profile.batches());
    }

    private void networks() throws IOException {
        NetworkTimes networks = new NetworkTimes(device, profile);
        networks.writeOutputs(DType.FLOAT32, folder.resolve("ours-noise.f32"), folder.resolve("ours-score.f32"));
        results.restart(SECTION, "one_step");
        results.restart(SECTION, "training_step");
        for (DType precision : PRECISIONS) {
            for (int batch : profile.batches()) {
                say("one-step inference, " + precision + ", batch " + batch);
                results.append(
                        SECTION, "one_step", orWhatFailed(precision, batch, () -> networks.oneStep(precision, batch)));
            }
            // The peer keeps all activations, so that mode is compared with it; the other shows what bounded memory
            // costs.
            for (MemoryMode memory : List.of(MemoryMode.FAST, MemoryMode.LEAN)) {
                say("training step, " + precision + ", " + memory);
                results.append(
                        SECTION,
                        "training_step",
                        orWhatFailed(
                                precision, profile.trainingBatch(), () -> networks.trainingStep(precision, memory)));
            }
        }
    }

    /** A batch that a card has no memory for is a result too, and keeps no other from being measured. */
    private static Map<String, Object> orWhatFailed(
            DType precision, int batch, Supplier<Map<String, Object>> measurement) {
        try {
            return measurement.get();
        } catch (OutOfDeviceMemoryException e) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("precision", precision.name());
            line.put("batch", batch);
            line.put("failed", e.getMessage());
            return line;
        }
    }

    private void operations() {
        OperationTimes times = new OperationTimes(device, profile);
        say("ceilings");
        results.set(SECTION, "ceilings", times.ceilings());
        results.restart(SECTION, "operations");
        for (DType precision : PRECISIONS) {
            say("operations, " + precision);
            times.measure(precision, line -> results.append(SECTION, "operations", line));
        }
    }

    private static void say(String what) {
        System.out.println("measuring " + what);
    }
}
