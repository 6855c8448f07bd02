package io.diffusionad.benchmarks.card;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.tensor.DType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures a card without a build tool beside it: every operation of the full-size networks, one-step inference, a training step. Arguments: device,
 * profile ({@code full} or {@code tiny}), output folder. Writes {@code ours.json} and the two networks' outputs for {@code peers/peer.py}.
 */
public final class CardBenchmark {
    private CardBenchmark() { }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 3) {
            System.err.println("usage: CardBenchmark DEVICE full|tiny FOLDER");
            System.exit(2);
        }
        Profile profile = Profile.named(arguments[1]);
        Path folder = Files.createDirectories(Path.of(arguments[2]));
        Map<String, Object> results = new LinkedHashMap<>();
        try (Device device = Devices.open(arguments[0], DeviceOptions.DEFAULT)) {
            results.put("device", device.description());
            results.put("date", Instant.now().toString());
            results.put("profile", profile.name());
            results.put("image_size", profile.imageSize());
            results.put("base_channels", profile.base());
            results.put("segmentation_channels", profile.segmentation());
            results.put("training_batch", profile.trainingBatch());
            results.put("batches", profile.batches());
            NetworkTimes networks = new NetworkTimes(device, profile);
            networks.writeOutputs(DType.FLOAT32, folder.resolve("ours-noise.f32"), folder.resolve("ours-score.f32"));
            List<Map<String, Object>> oneStep = new ArrayList<>();
            List<Map<String, Object>> training = new ArrayList<>();
            List<Map<String, Object>> operations = new ArrayList<>();
            for (DType precision : List.of(DType.BFLOAT16, DType.FLOAT32)) {
                say("one-step inference, " + precision);
                oneStep.addAll(networks.oneStep(precision));
                say("training step, " + precision);
                training.add(networks.trainingStep(precision));
            }
            say("operations");
            OperationTimes times = new OperationTimes(device, profile);
            operations.addAll(times.measure(DType.BFLOAT16));
            operations.addAll(times.measure(DType.FLOAT32));
            results.put("one_step", oneStep);
            results.put("training_step", training);
            results.put("operations", operations);
        }
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(folder.resolve("ours.json").toFile(), results);
    }

    private static void say(String what) {
        System.out.println("measuring " + what);
    }
}
