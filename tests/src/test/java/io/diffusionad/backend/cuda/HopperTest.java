package io.diffusionad.backend.cuda;

import io.diffusionad.device.DeviceOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** What the tests of Hopper's kernels share: such a card, and operations that run by a kernel of the test's choice. */
abstract class HopperTest {
    static CudaFixture cuda;

    @TempDir
    Path folder;

    @BeforeAll
    static void open() {
        GpuProperties gpu = GpuProperties.of(0);
        assumeTrue(
                TensorMaps.forCard(gpu, KernelTable.load()).isPresent(),
                gpu.name() + " has no wgmma, or this build no kernels for it");
        cuda = new CudaFixture(DeviceOptions.DEFAULT);
    }

    @AfterAll
    static void close() {
        if (cuda != null) {
            cuda.close();
        }
    }

    /**
     * Runs an operation with a tuner of its own, whose choices stand in {@code cache}, after everything that the
     * fixture's device was asked for.
     */
    static void run(Path cache, Consumer<CudaOps> operation) {
        try (CudaParts parts = new CudaParts(cache)) {
            cuda.device.synchronize(); // the parts have a stream of their own
            operation.accept(parts.ops);
            parts.context.synchronize();
        }
    }

    /** A cache that forces a kernel on the problem that {@code choice} names ({@link CudaParts#choice}). */
    Path forcing(String choice) throws IOException {
        return Files.writeString(folder.resolve("choice.tsv"), choice);
    }

    static void assertForced(Path cache) throws IOException {
        assertEquals(1, Files.readAllLines(cache).size(), "the forced kernel ran");
    }
}
