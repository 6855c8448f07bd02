package io.diffusionad.backend.cuda;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.tensor.DType;
import io.diffusionad.verify.GoldenFolder;
import io.diffusionad.verify.Verifier;
import io.diffusionad.verify.VerifyReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Twelve optimisation steps of the authors' program, replayed on the card: losses and learning rates of every step, and
 * how far each parameter moves. The jar has the first two of them; this recording has all, and the scatter of the
 * training as {@code ScatterRecorder} measured it on the processor, so that the bounds are the processor's and no twin
 * has to run.
 */
@RequiresCuda
class CudaTrainingTest {
    private static final String RECORDING = "training-12-steps.safetensors";
    private static final int STEPS = 12;

    @Test
    void recordedStepsAreRepeated(@TempDir Path folder) throws IOException {
        try (InputStream in = CudaTrainingTest.class.getResourceAsStream("/recordings/" + RECORDING)) {
            Files.copy(in, folder.resolve(RECORDING));
        }
        try (GoldenFolder recordings = GoldenFolder.of(folder);
                Device device = Devices.open("cuda", DeviceOptions.DEFAULT)) {
            VerifyReport report = Verifier.run(recordings, device, DType.FLOAT32, result -> {});
            assertEquals(List.of(), report.failures());
            assertEquals(
                    STEPS,
                    report.results().stream()
                            .filter(result -> result.quantity().endsWith(".total loss"))
                            .count());
            assertTrue(report.results().stream()
                            .filter(result -> result.quantity().startsWith("change of "))
                            .count()
                    > 300);
        }
    }
}
