package io.diffusionad.backend.cuda;

import io.diffusionad.device.DeviceOptions;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;
import jcuda.CudaException;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Measured choice of kernels, and the promise that lets it be free: all tile shapes give the same bits. */
@RequiresCuda
class KernelTunerTest {
    private static final GatherProblem PROBLEM = new GatherProblem(3, 9, 7, 72, 9, 7, 80, 3, 1, 0);
    /** A kernel of each kind, small enough for the shared memory of every card with tensor cores. */
    private static final List<ConvolutionKernel> CANDIDATES =
            List.of(ConvolutionKernel.BF16.get(2), ConvolutionKernel.BF16_WGMMA.get(2));

    @BeforeAll
    static void requireTensorCores() {
        assumeTrue(GpuProperties.of(0).hasTensorCores(), "there is nothing to choose on a card without tensor cores");
    }

    @Test
    void everyTileShapeGivesTheSameBits(@TempDir Path folder) throws IOException {
        List<float[]> results = new ArrayList<>();
        for (ConvolutionKernel kernel : ConvolutionKernel.BF16) {
            // A cache that already knows the answer makes the tuner choose it.
            Path cache = folder.resolve(kernel.name());
            Files.writeString(cache, CudaParts.choice(PROBLEM, kernel));
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
        assertTrue(
                Stream.of(ConvolutionKernel.BF16, ConvolutionKernel.BF16_WGMMA)
                        .flatMap(List::stream)
                        .anyMatch(kernel -> lines.get(0).endsWith("\t" + kernel.name())),
                lines.get(0));
        assertArrayEquals(first, convolve(cache));
        assertEquals(lines, Files.readAllLines(cache));
    }

    @Test
    void damagedOrUnwritableCacheOnlyCostsMeasurements(@TempDir Path folder) throws IOException {
        Path damaged = Files.writeString(folder.resolve("damaged.tsv"), "half a li");
        float[] result = convolve(damaged);
        assertArrayEquals(result, convolve(folder.resolve("damaged.tsv").resolve("below-a-file.tsv")));
    }

    /** Hopper's kernels are run beside the others and compared before anything else. */
    @Test
    void kernelsWithTensorMapsMustGiveTheSameBits(@TempDir Path folder) {
        try (CudaFixture cuda = new CudaFixture(DeviceOptions.DEFAULT);
                CudaParts parts = new CudaParts(folder.resolve("cache"))) {
            Tensor output = cuda.arena.tensor(DType.BFLOAT16, 1, 4, 4, 8);
            List<ConvolutionKernel> ran = new ArrayList<>();
            KernelTuner.Trial<ConvolutionKernel> oneBitOff = (kernel, target) -> {
                ran.add(kernel);
                fill(parts, target, output, 0x3F80);
                if (kernel.tensorMaps()) {
                    JCudaDriver.cuMemsetD16Async(
                            DevicePointer.of(target + output.bytes() - 2), (short) 0x3F81, 1, parts.context.stream());
                }
            };
            assertEquals(CANDIDATES.get(0), parts.tuner.choose(PROBLEM, CANDIDATES, output, oneBitOff));
            assertEquals(
                    1,
                    ran.stream().filter(ConvolutionKernel::tensorMaps).count(),
                    "a kernel that differs is not measured");
        }
    }

    @Test
    void kernelsWithTensorMapsMayFail(@TempDir Path folder) {
        try (CudaFixture cuda = new CudaFixture(DeviceOptions.DEFAULT);
                CudaParts parts = new CudaParts(folder.resolve("cache"))) {
            Tensor output = cuda.arena.tensor(DType.BFLOAT16, 1, 4, 4, 8);
            assertEquals(CANDIDATES.get(0), parts.tuner.choose(PROBLEM, CANDIDATES, output, (kernel, target) -> {
                if (kernel.tensorMaps()) {
                    throw new CudaException("cuTensorMapEncodeTiled: CUDA_ERROR_INVALID_VALUE");
                }
                fill(parts, target, output, 0x3F80);
            }));
        }
    }

    /** All kernels agree on zeros, also wrong ones: the choice waits for a call with another result. */
    @ParameterizedTest
    @ValueSource(ints = {0, 0x7FC0})
    void resultsThatSayNothingDecideNothing(int bits, @TempDir Path folder) throws IOException {
        Path cache = folder.resolve("cache");
        try (CudaFixture cuda = new CudaFixture(DeviceOptions.DEFAULT);
                CudaParts parts = new CudaParts(cache)) {
            Tensor output = cuda.arena.tensor(DType.BFLOAT16, 1, 4, 4, 8);
            List<ConvolutionKernel> ran = new ArrayList<>();
            assertEquals(CANDIDATES.get(0), parts.tuner.choose(PROBLEM, CANDIDATES, output, (kernel, target) -> {
                ran.add(kernel);
                fill(parts, target, output, bits);
            }));
            assertEquals(List.of(CANDIDATES.get(0)), ran);
            assertFalse(Files.exists(cache));
            parts.tuner.choose(PROBLEM, CANDIDATES, output, (kernel, target) -> fill(parts, target, output, 0x3F80));
            assertEquals(1, Files.readAllLines(cache).size());
        }
    }

    @Test
    void differencesAreCountedAndNaNIsTheLargest(@TempDir Path folder) {
        try (CudaFixture cuda = new CudaFixture(DeviceOptions.DEFAULT);
                CudaParts parts = new CudaParts(folder.resolve("cache"))) {
            Tensor a = cuda.arena.tensor(DType.BFLOAT16, 1000);
            Tensor b = cuda.arena.tensor(DType.BFLOAT16, 1000);
            fill(parts, a.address(), a, 0x3F80);
            fill(parts, b.address(), b, 0x3F80);
            ResultComparison comparison = new ResultComparison(parts.context, parts.memory, parts.launch);
            assertEquals(
                    new ResultComparison.Difference(0, 0, 1),
                    comparison.compare(a.address(), b.address(), 1000, DType.BFLOAT16));
            JCudaDriver.cuMemsetD16Async(
                    DevicePointer.of(b.address() + 1000), (short) 0xBF80, 3, parts.context.stream());
            assertEquals(
                    new ResultComparison.Difference(3, 2, 1),
                    comparison.compare(a.address(), b.address(), 1000, DType.BFLOAT16));
            JCudaDriver.cuMemsetD16Async(
                    DevicePointer.of(b.address() + 1998), (short) 0x7FC0, 1, parts.context.stream());
            assertEquals(
                    new ResultComparison.Difference(4, Float.NaN, 1),
                    comparison.compare(a.address(), b.address(), 1000, DType.BFLOAT16));
        }
    }

    private static void fill(CudaParts parts, long address, Tensor tensor, int bits) {
        JCudaDriver.cuMemsetD16Async(
                DevicePointer.of(address), (short) bits, tensor.elements(), parts.context.stream());
    }

    private static float[] convolve(Path cache) {
        try (CudaFixture cuda = new CudaFixture(DeviceOptions.DEFAULT);
                CudaParts parts = new CudaParts(cache)) {
            Tensor x = cuda.normal(1, DType.BFLOAT16, PROBLEM.n(), PROBLEM.h(), PROBLEM.w(), PROBLEM.c());
            Tensor w = cuda.normal(0.05, DType.FLOAT32, PROBLEM.k(), 3, 3, PROBLEM.c());
            Tensor y = cuda.arena.tensor(DType.BFLOAT16, PROBLEM.n(), PROBLEM.p(), PROBLEM.q(), PROBLEM.k());
            cuda.device.synchronize();
            parts.ops.conv2dForward(y, x, new Weight("w", w), Epilogue.NONE, Conv2d.of(3));
            parts.context.synchronize();
            return cuda.read(y);
        }
    }
}
