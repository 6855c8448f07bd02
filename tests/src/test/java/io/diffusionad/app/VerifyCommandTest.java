package io.diffusionad.app;

import io.diffusionad.io.HostTensor;
import io.diffusionad.io.SafeTensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class VerifyCommandTest {
    private static final String RECORDING = "perlin.safetensors";

    @TempDir
    Path temporary;

    @Test
    void printsALineAQuantityAndSucceeds() throws IOException {
        copyRecording();
        Program program = Program.run("verify", temporary, "--device", "cpu").succeeds();
        assertTrue(
                program.out().lines().allMatch(line -> line.startsWith("ok ") || line.contains("within their bounds")),
                program.out());
        assertTrue(program.out().contains("error") && program.out().contains("bound"), program.out());
    }

    @Test
    void aQuantityOutOfItsBoundEndsWithOne() throws IOException {
        copyRecording();
        SafeTensors recording = SafeTensors.read(temporary.resolve(RECORDING));
        Map<String, HostTensor> tensors = new LinkedHashMap<>(recording.tensors());
        tensors.replaceAll((name, tensor) -> {
            double[] values = tensor.toDoubles();
            values[values.length / 2] += 0.25;
            return name.contains("uniform") || !tensor.type().isFloating()
                    ? tensor
                    : HostTensor.ofDoubles(tensor.shape(), values);
        });
        SafeTensors.write(temporary.resolve(RECORDING), recording.metadata(), tensors);
        Program program = Program.run("verify", temporary, "--device", "cpu", "--failures");
        assertEquals(1, program.exitCode(), program.out() + program.err());
        assertTrue(program.out().startsWith("FAIL"), program.out());
    }

    @Test
    void foldersWithoutRecordingsAreRefused() {
        Program.run("verify", temporary, "--device", "cpu").isRefusedNaming(temporary.toString());
        Program.run("verify", temporary.resolve("none")).isRefusedNaming("none");
    }

    private void copyRecording() throws IOException {
        try (InputStream in = VerifyCommandTest.class.getResourceAsStream("/golden/" + RECORDING)) {
            Files.copy(in, temporary.resolve(RECORDING));
        }
    }
}
