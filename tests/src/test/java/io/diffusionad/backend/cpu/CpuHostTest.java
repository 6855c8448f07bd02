package io.diffusionad.backend.cpu;

import io.diffusionad.backend.cuda.FreshJvm;
import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.DeviceUnavailableException;
import io.diffusionad.device.Transfers;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What the backend does to the process that it lives in: nothing that its host would notice. */
class CpuHostTest {
    @TempDir
    private Path temporary;

    /** Stacks of this many threads do not fit in the address space that the child is given. */
    private static final int TOO_MANY_THREADS = 4000;

    private static final int ADDRESS_SPACE_KIB = 6_000_000;

    @Test
    void tooManyThreadsAreAnExceptionAndNotTheEndOfTheProcess() throws IOException, InterruptedException {
        ProcessBuilder java = FreshJvm.of(
                temporary,
                Map.of(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:CompressedClassSpaceSize=64m",
                "-XX:ReservedCodeCacheSize=64m",
                TooManyThreads.class.getName());
        List<String> command =
                new ArrayList<>(List.of("sh", "-c", "ulimit -v " + ADDRESS_SPACE_KIB + " && exec \"$@\"", "sh"));
        command.addAll(java.command());
        Process process = java.command(command).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertTrue(
                output.contains("refused: the device cpu cannot compute with " + TOO_MANY_THREADS + " threads")
                        && output.contains("ulimit -u"),
                output);
        assertTrue(output.contains("went on: 7.0"), output);
    }

    static final class TooManyThreads {
        private TooManyThreads() {}

        public static void main(String[] arguments) {
            try (Device device = new CpuDeviceProvider().open(0, new DeviceOptions(TOO_MANY_THREADS, "own"))) {
                System.out.println("not refused: " + device.description());
            } catch (DeviceUnavailableException e) {
                System.out.println("refused: " + e.getMessage());
            }
            System.out.println("went on: " + filled(2));
        }
    }

    /** The last of enough elements that a team of threads shares the work. */
    private static float filled(int threads) {
        try (Device device = new CpuDeviceProvider().open(0, new DeviceOptions(threads, "own"));
                Arena arena = device.newArena("filled")) {
            Tensor tensor = arena.float32(1 << 20);
            device.ops().fill(tensor, 7f);
            float[] values = Transfers.toFloats(device, tensor);
            return values[values.length - 1];
        }
    }

    @Test
    void threadsSleepUnlessTheEnvironmentSaysOtherwiseAndChildrenInheritNothing()
            throws IOException, InterruptedException {
        String usual = says(Map.of());
        assertTrue(usual.contains("threads spin briefly and then sleep"), usual);
        assertFalse(usual.contains("GOMP_SPINCOUNT="), usual);
        String chosen = says(Map.of("GOMP_SPINCOUNT", "5"));
        assertTrue(
                chosen.contains("threads wait as the environment says") && chosen.contains("GOMP_SPINCOUNT=5"), chosen);
    }

    private String says(Map<String, String> environment) throws IOException, InterruptedException {
        ProcessBuilder builder = FreshJvm.of(temporary, Map.of(), Describes.class.getName());
        builder.environment().keySet().removeAll(List.of("GOMP_SPINCOUNT", "OMP_WAIT_POLICY"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }

    /** Prints the device's description and the environment of a child process. */
    static final class Describes {
        private Describes() {}

        public static void main(String[] arguments) throws IOException, InterruptedException {
            try (Device device = new CpuDeviceProvider().open(0, new DeviceOptions(2, "own"))) {
                System.out.println(device.description());
            }
            new ProcessBuilder("env").inheritIO().start().waitFor();
        }
    }
}
