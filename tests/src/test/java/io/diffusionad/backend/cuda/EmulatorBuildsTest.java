package io.diffusionad.backend.cuda;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Every operation, and Hopper's kernels in detail, on the builds of the emulated driver that see more than the plain
 * one ({@code tests/emulator/README.md}), and attention on a card with little shared memory: each in a process of its
 * own, with an order of threads of its own. One class, so that the forks of the suite share the work evenly.
 */
@RequiresCuda
class EmulatorBuildsTest {
    private static final Path EMULATOR = Path.of(System.getProperty("root.dir", ".."), "build", "emulator");
    private static final List<String> ALL =
            List.of("CudaOperationTableTest", "WgmmaConvolutionTest", "WgmmaWeightsTest");
    /** The operation table alone has more. */
    private static final int FEWEST_OF_ALL = 1000;

    private static final Pattern SUMMARY = Pattern.compile("(\\d+) passed, 0 failed");
    private static final int MINUTES = 30;

    /** Every memory access of every kernel is judged, and work waits until somebody waits for it. */
    @Test
    void checked() throws IOException, InterruptedException {
        run("checked", 2, Map.of("EMULATOR_DEFER", "1"), "", ALL, FEWEST_OF_ALL);
    }

    /** The compiler's sanitizers also see the kernels' local arrays and the driver itself. */
    @Test
    void addressSanitizer() throws IOException, InterruptedException {
        run(
                "asan",
                3,
                Map.of(
                        "LD_PRELOAD",
                        EMULATOR.resolve("asan/libasan.so").toString(),
                        "ASAN_OPTIONS",
                        "detect_leaks=0:handle_segv=0:use_sigaltstack=0"),
                "",
                ALL,
                FEWEST_OF_ALL);
    }

    @Test
    void undefinedBehaviorSanitizer() throws IOException, InterruptedException {
        run("ubsan", 1, Map.of(), "", ALL, FEWEST_OF_ALL);
    }

    /** Turing's blocks have 64 KiB, less than the gradient of a head of 128 channels takes elsewhere. */
    @Test
    void attentionOnTuring() throws IOException, InterruptedException {
        run(
                "",
                1,
                Map.of("EMULATOR_COMPUTE_CAPABILITY", "7.5"),
                "attentionBackward",
                List.of("CudaOperationTableTest"),
                5);
    }

    /** @param cases part of the names of the operation table's cases to run */
    private static void run(
            String build, int seed, Map<String, String> more, String cases, List<String> tests, int fewest)
            throws IOException, InterruptedException {
        assumeTrue(GpuProperties.of(0).name().contains("emulated"), "a real card has no other builds of its driver");
        Path folder = EMULATOR.resolve(build);
        assertTrue(
                Files.exists(folder.resolve("libcuda.so.1")),
                folder + " is missing: build it with cmake --build build --target emulator emulator_sanitizers");
        Path log = Files.createTempFile("emulator", ".log");
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx2g",
                "-XX:+UseSerialGC",
                "-Ddiffusionad.cuda.expected=true",
                "-Ddiffusionad.cuda.tuning=estimate",
                "-Droot.dir=" + System.getProperty("root.dir", ".."),
                "-Ddiffusionad.test.case=" + cases,
                "-cp",
                System.getProperty("java.class.path"),
                CudaSuite.class.getName());
        builder.command().addAll(tests);
        builder.environment().put("LD_LIBRARY_PATH", folder.toString());
        builder.environment().put("EMULATOR_SEED", Integer.toString(seed));
        builder.environment().putAll(more);
        Process process =
                builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            assertTrue(process.waitFor(MINUTES, TimeUnit.MINUTES), "the tests on " + folder + " hang: " + log);
        } finally {
            process.destroyForcibly();
        }
        String output = Files.readString(log);
        Matcher summary = SUMMARY.matcher(output);
        assertEquals(0, process.exitValue(), output);
        assertTrue(summary.find() && Integer.parseInt(summary.group(1)) > fewest, output);
        Files.delete(log);
    }
}
