package io.diffusionad.backend.cpu;

import io.diffusionad.testkit.cases.OperationTableCheck;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * The operation table on lesser instruction sets than this machine's, each in a JVM of its own: oneDNN decides once a
 * process.
 */
class CpuInstructionSetTest {
    @ParameterizedTest
    @CsvSource({"SSE41, baseline", "AVX2, avx2"})
    void tablePassesWith(String oneDnnLimit, String ownLoops) throws IOException, InterruptedException {
        check(oneDnnLimit, ownLoops, "");
    }

    /** Without a bfloat16 unit, and with our own loops of lesser sets writing the 8-bit activations. */
    @ParameterizedTest
    @CsvSource({"AVX512_CORE_VNNI, baseline", "AVX512_CORE_VNNI, avx2", "AVX512_CORE_VNNI, avx512"})
    void int8PassesWith(String oneDnnLimit, String ownLoops) throws IOException, InterruptedException {
        check(oneDnnLimit, ownLoops, "Quantized");
    }

    private static void check(String oneDnnLimit, String ownLoops, String cases)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-D" + CpuDevice.INSTRUCTION_SET_PROPERTY + "=" + ownLoops,
                "-Ddiffusionad.test.case=" + cases,
                "-cp",
                System.getProperty("java.class.path"),
                OperationTableCheck.class.getName(),
                "cpu");
        builder.environment().put("ONEDNN_MAX_CPU_ISA", oneDnnLimit);
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        assertEquals(0, process.exitValue(), output);
    }
}
