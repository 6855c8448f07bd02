package io.diffusionad.verify;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.io.HostTensor;
import io.diffusionad.io.SafeTensors;
import io.diffusionad.tensor.DType;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Copies a recorded training and adds its scatter as the processor measures it ({@link TrainingScatter}). Arguments:
 * the recording, the copy.
 */
final class ScatterRecorder {
    private ScatterRecorder() {}

    public static void main(String[] arguments) throws IOException {
        Path recording = Path.of(arguments[0]).toAbsolutePath();
        try (GoldenFolder folder = GoldenFolder.of(recording.getParent());
                Device device = Devices.open("cpu", DeviceOptions.DEFAULT)) {
            GoldenFile file = folder.read(recording.getFileName().toString());
            Replay replay = new Replay(device, DType.FLOAT32, folder, result -> {});
            TrainingScatter scatter = TrainingScatter.measure(file, replay, Trajectory.run(file, replay, 0));
            Map<String, HostTensor> tensors =
                    new LinkedHashMap<>(file.contents().tensors());
            tensors.putAll(scatter.tensors(file));
            SafeTensors.write(Path.of(arguments[1]), file.contents().metadata(), tensors);
        }
    }
}
