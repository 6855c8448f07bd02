package io.diffusionad.backend.cuda;

import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Ops;
import io.diffusionad.tensor.DType;
import io.diffusionad.testkit.Operand.Kind;
import io.diffusionad.testkit.OperationCase;
import io.diffusionad.testkit.cases.OperationTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Hopper's kernels of the gradient by the weight ({@code kernels/conv_weights_wgmma.cu}) against the float64 reference,
 * and bit for bit against those of sm_80. On the emulated driver both add in the same order; a card whose two
 * instructions round differently would show here, and the tuner would leave these kernels out.
 */
@RequiresCuda
class WgmmaWeightsTest extends HopperTest {
    /** Channels of the weight that the convolution leaves alone, on both sides. */
    private static final int BEFORE = 5;

    private static final int BEHIND = 3;

    @ParameterizedTest(name = "{0}x{1}x{2}x{3} by {4} channels, {5}x{5}, stride {6}, {7} splits")
    @CsvSource({
        "1, 5, 16, 72, 24, 3, 1, 1", // channels beyond a load; rows of a box beyond the image
        "3, 6, 8, 8, 136, 1, 1, 1", // output channels of a second block; an image smaller than a box
        "1, 9, 31, 264, 16, 3, 2, 1", // gaps between a box's pixels of x; input channels beyond 256
        "2, 13, 80, 16, 8, 3, 1, 4", // rows of two boxes, the second one half empty, in splits of whole rows
        "70, 2, 4, 16, 16, 3, 1, 1", // samples beyond a box
        "1, 1, 1, 24, 40, 3, 1, 1", // every tap but one is padding; one pixel of 64
        "4, 20, 16, 32, 72, 3, 1, 2", // splits of whole boxes
        "5, 14, 16, 8, 8, 1, 1, 2", // splits of whole images
        "1, 21, 127, 24, 8, 1, 2, 1", // 1x1 with a stride, rows of one box
        "1, 4, 128, 8, 200, 3, 1, 1", // rows of two whole boxes
    })
    void givesTheBitsOfTheOtherKernels(int n, int h, int w, int c, int k, int kernel, int stride, int splits)
            throws IOException {
        WeightsProblem problem =
                new WeightsProblem(n, h, w, c, (h - 1) / stride + 1, (w - 1) / stride + 1, k, kernel, stride);
        WeightsKernel promised = WeightsKernel.bf16(problem);
        assertEquals(splits, problem.split(promised).count());
        double[] expected = gradient(problem, promised);
        for (WeightsKernel hopper : WeightsKernel.BF16_WGMMA) {
            assertTrue(hopper.canImplement(problem), hopper.name());
            assertArrayEquals(expected, gradient(problem, hopper), hopper.name());
        }
    }

    /** What is measured and compared on the first call is added elsewhere. */
    @Test
    void measuringAddsToTheGradientOnce() throws IOException {
        WeightsProblem problem = new WeightsProblem(2, 8, 16, 16, 8, 16, 24, 3, 1);
        double[] expected = gradient(problem, WeightsKernel.bf16(problem));
        Path cache = folder.resolve("measured.tsv");
        assertArrayEquals(expected, gradient(problem, cache));
        assertEquals(1, Files.readAllLines(cache).size());
    }

    private double[] gradient(WeightsProblem problem, WeightsKernel kernel) throws IOException {
        Path cache = forcing(CudaParts.choice(problem, kernel));
        double[] gradient = gradient(problem, cache);
        assertForced(cache);
        return gradient;
    }

    /** The updated gradient, after it has been compared with the reference. */
    private static double[] gradient(WeightsProblem problem, Path cache) {
        Conv2d geometry = new Conv2d(problem.kernel(), problem.stride(), BEFORE);
        OperationCase operation = OperationCase.of("conv2dBackwardWeights", problem.key())
                .updated(
                        "dw",
                        Kind.PARAMETER,
                        problem.k(),
                        problem.kernel(),
                        problem.kernel(),
                        BEFORE + problem.c() + BEHIND)
                .in("dy", Kind.ACTIVATION, problem.n(), problem.p(), problem.q(), problem.k())
                .in("x", Kind.ACTIVATION, problem.n(), problem.h(), problem.w(), problem.c())
                .run((ops, t) -> {
                    Consumer<Ops> gradient = any ->
                            any.conv2dBackwardWeights(t.tensor("dw"), null, t.tensor("dy"), t.tensor("x"), geometry);
                    if (ops == cuda.device.ops()) {
                        run(cache, gradient::accept);
                    } else {
                        gradient.accept(ops);
                    }
                });
        Map<String, double[]> inputs = operation.inputs(DType.BFLOAT16, OperationTable.SEED);
        Map<String, double[]> results = operation.run(cuda.device, inputs, DType.BFLOAT16);
        operation.check(results, inputs, DType.BFLOAT16, OperationTable.SEED);
        return results.get("dw");
    }

    @Test
    void sizesWhosePixelsMeetOthersInBoxesAreRefused() {
        for (int[] size : new int[][] {{7, 7}, {16, 24}, {3, 8}, {16, 17}, {9, 1}}) {
            assertFalse(offered(size[0], size[1]), size[0] + "x" + size[1]);
        }
        for (int[] size : new int[][] {{3, 16}, {7, 48}, {6, 8}, {12, 4}, {48, 1}, {1, 8}, {2, 2}, {256, 256}}) {
            assertTrue(offered(size[0], size[1]), size[0] + "x" + size[1]);
        }
    }

    private static boolean offered(int p, int q) {
        WeightsProblem problem = new WeightsProblem(2, p, q, 64, p, q, 64, 3, 1);
        boolean offered = WeightsKernel.BF16_WGMMA.get(0).canImplement(problem);
        assertTrue(WeightsKernel.BF16_WGMMA.stream().allMatch(kernel -> kernel.canImplement(problem) == offered));
        assertTrue(WeightsKernel.bf16(problem).canImplement(problem));
        return offered;
    }

    /** Splits are counted in pixels by some kernels and in boxes by others. */
    @Test
    void boxesInOrderCoverRunsOfPixels() {
        for (int p = 1; p <= 70; p++) {
            for (int q = 1; q <= 140; q++) {
                PixelBox box = PixelBox.inOrder(p, q, 6);
                assertEquals(64, box.width() * box.height() * box.samples());
                assertTrue(box.height() == 1 || box.width() >= q);
                assertTrue(box.samples() == 1 || box.height() >= p);
                PixelBox.Run run = box.shortestRun(p, q);
                long pixels = (long) box.samples() * p * q;
                assertEquals(0, pixels % run.pixels());
                assertEquals(box.count(box.samples(), p, q), pixels / run.pixels() * run.boxes(), p + "x" + q);
            }
        }
    }

    /** Where a split ends is decided for all cards at once. */
    @Test
    void splitsOfOfferedSizesAreWholeInstructionsAndBoxes() {
        for (int[] size : new int[][] {{256, 256}, {3, 16}, {7, 48}, {6, 8}, {33, 80}, {2, 2}}) {
            WeightsProblem problem = new WeightsProblem(300, size[0], size[1], 64, size[0], size[1], 64, 3, 1);
            WeightsProblem.Split split = problem.split(WeightsKernel.bf16(problem));
            assertTrue(split.count() > 1 && split.pixels() % 16 == 0, problem.key());
            long boxes = problem.box().count(problem.n(), problem.p(), problem.q());
            assertEquals(split.count(), (boxes + problem.boxes(split) - 1) / problem.boxes(split), problem.key());
        }
    }
}
