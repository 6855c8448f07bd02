package io.diffusionad.backend.cuda;

import io.diffusionad.device.DeviceOptions;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Measured choice of kernels, and the promise that lets it be free: all tile shapes give the same bits. */
@RequiresCuda
class KernelTunerTest {
    private static final GatherProblem PROBLEM = new GatherProblem(3, 9, 7, 72, 9, 7, 80, 3, 1, 0);

    /** A device's parts under a tuner that measures. */
    private static final class Parts implements AutoCloseable {
        final GpuProperties gpu = GpuProperties.of(0);
        final CudaContext context = new CudaContext(0);
        final CudaMemory memory = new CudaMemory(context, "cuda:0");
        final KernelModules modules = new KernelModules(gpu, KernelTable.load());
        final Launch launch = new Launch(context, modules, gpu.multiprocessors());
        final ScratchMemory scratch = new ScratchMemory(memory);

        CudaOps ops(PackedWeights packed, TuningCache cache) {
            KernelTuner tuner = new KernelTuner(context, gpu, memory, cache, true);
            LibraryChoice choice = new LibraryChoice(CudaLibraries.none(), context, memory, tuner, cache, false);
            return new CudaOps(context, launch, scratch, packed, tuner, choice, true, false);
        }

        @Override
        public void close() {
            scratch.close();
            modules.close();
            context.close();
        }
    }

    @Test
    void everyTileShapeGivesTheSameBits(@TempDir Path folder) throws IOException {
        List<float[]> results = new ArrayList<>();
        for (ConvolutionKernel kernel : ConvolutionKernel.BF16) {
            // A cache that already knows the answer makes the tuner choose it.
            Path cache = folder.resolve(kernel.name());
            Files.writeString(cache, ConvolutionKernel.BF16.get(0).name() + " " + PROBLEM.key() + "\t" + kernel.name() + "\n");
            results.add(convolve(cache));
            assertEquals(1, Files.readAllLines(cache).size(), "nothing was measured again");
        }
        for (float[] result : results) {
            assertArrayEquals(results.get(0), result);
        }
    }

    @Test
    void firstCallMeasuresAndRemembers(@TempDir Path folder) throws IOException {
        Path cache = folder.resolve("nested").resolve("choices.tsv");
        float[] first = convolve(cache);
        List<String> lines = Files.readAllLines(cache);
        assertEquals(1, lines.size());
        assertTrue(ConvolutionKernel.BF16.stream().anyMatch(kernel -> lines.get(0).endsWith("\t" + kernel.name())), lines.get(0));
        assertArrayEquals(first, convolve(cache));
        assertEquals(lines, Files.readAllLines(cache));
    }

    @Test
    void damagedOrUnwritableCacheOnlyCostsMeasurements(@TempDir Path folder) throws IOException {
        Path damaged = Files.writeString(folder.resolve("damaged.tsv"), "half a li");
        float[] result = convolve(damaged);
        assertArrayEquals(result, convolve(folder.resolve("damaged.tsv").resolve("below-a-file.tsv")));
    }

    private static float[] convolve(Path cache) {
        try (CudaFixture cuda = new CudaFixture(DeviceOptions.DEFAULT); Parts parts = new Parts()) {
            PackedWeights packed = new PackedWeights(parts.memory, parts.launch);
            CudaOps ops = parts.ops(packed, new TuningCache(cache));
            Tensor x = cuda.normal(1, DType.BFLOAT16, PROBLEM.n(), PROBLEM.h(), PROBLEM.w(), PROBLEM.c());
            Tensor w = cuda.normal(0.05, DType.FLOAT32, PROBLEM.k(), 3, 3, PROBLEM.c());
            Tensor y = cuda.arena.tensor(DType.BFLOAT16, PROBLEM.n(), PROBLEM.p(), PROBLEM.q(), PROBLEM.k());
            cuda.device.synchronize();
            ops.conv2dForward(y, x, new Weight("w", w), Epilogue.NONE, Conv2d.of(3));
            parts.context.synchronize();
            float[] result = cuda.read(y);
            packed.close();
            return result;
        }
    }
}
