package io.diffusionad.backend.cuda;

import io.diffusionad.ops.Activation;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Hopper's convolution kernels ({@code kernels/conv_gather_wgmma.cu}) against those of sm_80, bit for bit: the latter
 * are held to the float64 reference by the operation table. On the emulated driver both add in the same order; a card
 * whose two instructions round differently would show here, and the tuner would leave these kernels out.
 */
@RequiresCuda
class WgmmaConvolutionTest extends HopperTest {
    @ParameterizedTest(name = "{0}x{1}x{2}x{3} to {4} channels, {5}x{5}, stride {6}")
    @CsvSource({
        "1, 47, 49, 72, 24, 3, 1", // channels beyond a step, pixels beyond a box
        "2, 5, 13, 8, 17, 1, 1", // one chunk of channels, rows of outputs that no vector divides
        "1, 15, 9, 32, 33, 3, 2", // gaps between a box's pixels
        "2, 6, 10, 24, 70, 1, 2",
        "1, 2, 131, 16, 8, 3, 1", // rows longer than a box
        "1, 1, 1, 24, 260, 3, 1", // every tap but one is padding; a second block of 256 channels
        "5, 8, 8, 256, 64, 3, 1", // a reduction split over nine blocks
        "130, 1, 1, 64, 64, 1, 1", // samples beyond a box
    })
    void forwardGivesTheBitsOfTheOtherKernels(int n, int h, int w, int c, int k, int kernel, int stride)
            throws IOException {
        int p = (h - 1) / stride + 1;
        int q = (w - 1) / stride + 1;
        GatherProblem problem = new GatherProblem(n, h, w, c, p, q, k, kernel, stride, 0);
        Tensor x = cuda.normal(1, DType.BFLOAT16, n, h, w, c);
        Weight weight =
                new Weight("w", cuda.normal(1 / Math.sqrt(kernel * kernel * c), DType.FLOAT32, k, kernel, kernel, c));
        Epilogue epilogue = new Epilogue(
                cuda.normal(1, DType.FLOAT32, k),
                cuda.normal(1, DType.FLOAT32, n, k),
                cuda.normal(1, DType.BFLOAT16, n, p, q, k),
                Activation.SILU);
        Tensor y = cuda.arena.tensor(DType.BFLOAT16, n, p, q, k);
        compareKernels(problem, y, ops -> ops.conv2dForward(y, x, weight, epilogue, new Conv2d(kernel, stride, 0)));
    }

    @ParameterizedTest(name = "{0}x{1}x{2}x{4} to {3} channels, {5}x{5}")
    @CsvSource({"2, 7, 11, 136, 24, 3", "1, 4, 3, 16, 72, 1"})
    void backwardDataGivesTheBitsOfTheOtherKernels(int n, int h, int w, int c, int k, int kernel) throws IOException {
        GatherProblem problem = new GatherProblem(n, h, w, k, h, w, c, kernel, 1, 0);
        Tensor dy = cuda.normal(1, DType.BFLOAT16, n, h, w, k);
        Weight weight =
                new Weight("w", cuda.normal(1 / Math.sqrt(kernel * kernel * k), DType.FLOAT32, k, kernel, kernel, c));
        Tensor dx = cuda.arena.tensor(DType.BFLOAT16, n, h, w, c);
        compareKernels(problem, dx, ops -> {
            cuda.device.ops().fill(dx, 0.5f);
            cuda.device.synchronize();
            ops.conv2dBackwardData(dx, dy, weight, Conv2d.of(kernel), true);
        });
    }

    private void compareKernels(GatherProblem problem, Tensor output, Consumer<CudaOps> operation) throws IOException {
        float[] expected = result(problem, ConvolutionKernel.BF16.get(3), output, operation);
        for (ConvolutionKernel kernel : ConvolutionKernel.BF16_WGMMA) {
            assertTrue(kernel.canImplement(problem), kernel.name());
            assertArrayEquals(expected, result(problem, kernel, output, operation), kernel.name());
        }
    }

    private float[] result(GatherProblem problem, ConvolutionKernel kernel, Tensor output, Consumer<CudaOps> operation)
            throws IOException {
        Path cache = forcing(CudaParts.choice(problem, kernel));
        cuda.device.ops().fill(output, Float.NaN);
        run(cache, operation);
        assertForced(cache);
        return cuda.read(output);
    }

    /** The first call compares, measures and remembers one of the kernels that agree; here all do. */
    @Test
    void measuringKeepsKernelsThatAgree() throws IOException {
        GatherProblem problem = new GatherProblem(1, 6, 6, 16, 6, 6, 24, 3, 1, 0);
        Tensor x = cuda.normal(1, DType.BFLOAT16, 1, 6, 6, 16);
        Weight weight = new Weight("w", cuda.normal(0.1, DType.FLOAT32, 24, 3, 3, 16));
        Tensor y = cuda.arena.tensor(DType.BFLOAT16, 1, 6, 6, 24);
        Path cache = folder.resolve("measured.tsv");
        run(cache, ops -> ops.conv2dForward(y, x, weight, Epilogue.NONE, Conv2d.of(3)));
        float[] measured = cuda.read(y);
        assertEquals(1, Files.readAllLines(cache).size());
        assertArrayEquals(
                result(
                        problem,
                        ConvolutionKernel.BF16.get(0),
                        y,
                        ops -> ops.conv2dForward(y, x, weight, Epilogue.NONE, Conv2d.of(3))),
                measured);
    }

    /** With a residual the result is not zero, but the sums are: any kernel would agree. */
    @Test
    void weightsOfZerosDecideNothing() throws IOException {
        Tensor x = cuda.normal(1, DType.BFLOAT16, 1, 6, 6, 16);
        Tensor residual = cuda.normal(1, DType.BFLOAT16, 1, 6, 6, 24);
        Weight weight = new Weight("w", cuda.normal(0, DType.FLOAT32, 24, 3, 3, 16));
        Tensor y = cuda.arena.tensor(DType.BFLOAT16, 1, 6, 6, 24);
        Path cache = folder.resolve("undecided.tsv");
        run(cache, ops -> ops.conv2dForward(y, x, weight, Epilogue.NONE.withResidual(residual), Conv2d.of(3)));
        assertArrayEquals(cuda.read(residual), cuda.read(y));
        assertFalse(Files.exists(cache));
    }

    @Test
    void problemsThatAreNotBoxesAreRefused() {
        GatherProblem stridedGradient = new GatherProblem(1, 8, 8, 64, 16, 16, 64, 3, 1, 1);
        GatherProblem splitWithinAStep = new GatherProblem(1, 8, 8, 128, 8, 8, 64, 3, 1, 0);
        GatherProblem splitBetweenSteps = new GatherProblem(1, 8, 8, 256, 8, 8, 64, 3, 1, 0);
        for (ConvolutionKernel kernel : ConvolutionKernel.BF16_WGMMA) {
            assertFalse(kernel.canImplement(stridedGradient));
            assertTrue(splitWithinAStep.splits(kernel) > 1 && splitBetweenSteps.splits(kernel) > 1);
            assertFalse(kernel.canImplement(splitWithinAStep));
            assertTrue(kernel.canImplement(splitBetweenSteps));
        }
    }

    @Test
    void boxesCoverTheOutputWithLittleWaste() {
        assertEquals(new PixelBox(7, 0, 0), PixelBox.of(new GatherProblem(2, 256, 256, 64, 256, 256, 64, 3, 1, 0)));
        assertEquals(new PixelBox(3, 3, 1), PixelBox.of(new GatherProblem(2, 8, 8, 64, 8, 8, 64, 3, 1, 0)));
        assertEquals(
                1,
                PixelBox.of(new GatherProblem(1, 3, 30, 64, 3, 30, 64, 3, 1, 0))
                        .count(new GatherProblem(1, 3, 30, 64, 3, 30, 64, 3, 1, 0)));
    }

    @ParameterizedTest
    @ValueSource(ints = {75, 80, 89, 100, 120})
    void otherCardsAreNotOffered(int capability) {
        GpuProperties other = new GpuProperties("another card", capability, 100, 227 << 10, 1L << 34);
        assertEquals(Optional.empty(), TensorMaps.forCard(other, KernelTable.load()));
    }

    @Test
    void theyCanBeSwitchedOff() {
        System.setProperty(TensorMaps.PROPERTY, "off");
        try {
            assertEquals(Optional.empty(), TensorMaps.forCard(GpuProperties.of(0), KernelTable.load()));
        } finally {
            System.clearProperty(TensorMaps.PROPERTY);
        }
        assertTrue(TensorMaps.forCard(GpuProperties.of(0), KernelTable.load()).isPresent());
    }
}
