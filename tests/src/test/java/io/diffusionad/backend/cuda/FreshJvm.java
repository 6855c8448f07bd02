package io.diffusionad.backend.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A program of the test's class path in a process of its own: a driver is loaded, and the emulated one configured, once
 * a process.
 */
public final class FreshJvm {
    private FreshJvm() {}

    /** @param temporary the process's folder for temporary files */
    public static ProcessBuilder of(Path temporary, Map<String, String> environment, String... program) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(List.of(program));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        return builder;
    }

    /** What a program prints, on both streams. */
    static String output(Path temporary, Map<String, String> environment, String... program)
            throws IOException, InterruptedException {
        Process process = of(temporary, environment, program).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        return output;
    }
}
