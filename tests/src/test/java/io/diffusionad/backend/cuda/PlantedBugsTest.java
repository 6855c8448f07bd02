package io.diffusionad.backend.cuda;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The emulated driver notices what it promises to notice: kernels with one mistake each (out of bounds by one, use
 * after free, a missing barrier, …) are caught, right ones are not, whatever the order of threads. The cases are in
 * {@code tests/emulator/planted}.
 */
class PlantedBugsTest {
    private static final Path EMULATOR = Path.of(System.getProperty("root.dir", ".."), "build", "emulator");

    @ParameterizedTest(name = "{0} build, thread order {1}")
    @CsvSource({"'', 1", "'', 2", "'', 3", "checked, 1", "checked, 2", "checked, 3", "asan, 1", "ubsan, 1"})
    void everyPlantedMistakeIsCaught(String build, String seed) throws IOException, InterruptedException {
        Path program = EMULATOR.resolve(build).resolve("planted_bugs");
        assertTrue(
                Files.isExecutable(program),
                program + " is missing: build it with cmake --build build --target emulator emulator_sanitizers");
        ProcessBuilder builder = new ProcessBuilder(program.toString()).redirectErrorStream(true);
        builder.environment().put("EMULATOR_SEED", seed);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(1, TimeUnit.MINUTES), "planted_bugs hangs:\n" + output);
        assertEquals(0, process.exitValue(), output);
        assertTrue(output.contains("0 of the planted mistakes went unnoticed"), output);
    }
}
