package io.diffusionad.backend.cuda;

import io.diffusionad.app.Main;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** A machine with two cards, which the emulated driver plays. */
@RequiresCuda
class TwoCardsTest {
    private static final Map<String, String> TWO = Map.of("EMULATOR_DEVICES", "2");

    @TempDir
    private Path temporary;

    @BeforeEach
    void requireEmulation() {
        assumeTrue(GpuProperties.of(0).name().contains("emulated"), "only the emulated driver can play this machine");
    }

    @Test
    void infoNamesBoth() throws Exception {
        String output = FreshJvm.output(temporary, TWO, Main.class.getName(), "info");
        assertTrue(output.contains("cuda:0: emulated GPU") && output.contains("cuda:1: emulated GPU"), output);
        assertTrue(output.contains("--device auto takes: cuda:0"), output);
    }

    @Test
    void theSecondOpensByItsIndex() throws Exception {
        String output = FreshJvm.output(temporary, TWO, DeviceProbe.class.getName(), "cuda:1", "1");
        assertTrue(output.startsWith("opened emulated GPU"), output);
        assertEquals(
                "OutOfDeviceMemoryException: cuda:1 could not supply",
                FreshJvm.output(
                                temporary,
                                Map.of("EMULATOR_DEVICES", "2", "EMULATOR_MEMORY_MIB", "256"),
                                DeviceProbe.class.getName(),
                                "cuda:1",
                                "300")
                        .split(" 300 MiB")[0]);
    }

    @Test
    void anIndexBeyondThemIsRefused() throws Exception {
        assertEquals(
                "DeviceUnavailableException: device cuda:2 is not available: this machine has cuda:0 to cuda:1",
                FreshJvm.output(temporary, TWO, DeviceProbe.class.getName(), "cuda:2", "1"));
        String output = FreshJvm.output(temporary, TWO, Main.class.getName(), "verify", "--device", "cuda:2");
        assertTrue(output.contains("error: device cuda:2 is not available: this machine has cuda:0 to cuda:1"), output);
    }

    /**
     * Each call runs in its own card's context, whatever the thread used before; and nothing of either stays behind.
     */
    @Test
    void bothWorkInTurnsOnOneThreadAndOnTwo() throws Exception {
        assertEquals(
                "cuda:0 3.0, cuda:1 2.0\ncuda:0 5.0, cuda:1 6.0",
                FreshJvm.output(temporary, TWO, TwoCardsProbe.class.getName()));
    }
}
