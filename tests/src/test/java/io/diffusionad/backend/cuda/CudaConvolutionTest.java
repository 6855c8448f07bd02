package io.diffusionad.backend.cuda;

import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Transfers;
import io.diffusionad.ops.Activation;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.Arrays;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** What the operation table cannot see of convolutions: bits that stay, split reductions, packed weights. */
@RequiresCuda
class CudaConvolutionTest {
    private static CudaFixture cuda;

    @BeforeAll
    static void open() {
        cuda = new CudaFixture(DeviceOptions.DEFAULT);
    }

    @AfterAll
    static void close() {
        if (cuda != null) {
            cuda.close();
        }
    }

    private static Weight weight(int k, int kernel, int c) {
        return new Weight("w", cuda.normal(1 / Math.sqrt(kernel * kernel * c), DType.FLOAT32, k, kernel, kernel, c));
    }

    /** 8x8 maps of 64 and more channels are split over blocks. */
    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT32", "BFLOAT16"})
    void batchSizeDoesNotChangeABit(DType dtype) {
        int n = 5;
        Tensor x = cuda.normal(1, dtype, n, 8, 8, 96);
        Weight w = weight(72, 3, 96);
        Epilogue epilogue = new Epilogue(cuda.normal(1, DType.FLOAT32, 72), null, null, Activation.SILU);
        Tensor together = cuda.arena.tensor(dtype, n, 8, 8, 72);
        cuda.device.ops().conv2dForward(together, x, w, epilogue, Conv2d.of(3));
        Tensor alone = cuda.arena.tensor(dtype, n, 8, 8, 72);
        for (int i = 0; i < n; i++) {
            cuda.device.ops().conv2dForward(alone.slice(i, i + 1), x.slice(i, i + 1), w, epilogue, Conv2d.of(3));
        }
        assertArrayEquals(cuda.read(together), cuda.read(alone));
    }

    @Test
    void smallMapsAreSplitByGeometryAlone() {
        GatherProblem small = new GatherProblem(2, 8, 8, 512, 8, 8, 512, 3, 1, 0);
        GatherProblem smallBatch = new GatherProblem(64, 8, 8, 512, 8, 8, 512, 3, 1, 0);
        GatherProblem large = new GatherProblem(2, 256, 256, 128, 256, 256, 128, 3, 1, 0);
        for (ConvolutionKernel tile : ConvolutionKernel.BF16) {
            assertEquals(8, small.splits(tile), tile.name());
            assertEquals(8, smallBatch.splits(tile), tile.name());
            assertEquals(1, large.splits(tile), tile.name());
        }
    }

    /** A reduction over many splits, against one float64 sum a value. */
    @Test
    void weightGradientOverManyPixelsIsExact() {
        int n = 3;
        int size = 40;
        Tensor x = cuda.normal(1, DType.BFLOAT16, n, size, size, 8);
        Tensor dy = cuda.normal(1, DType.BFLOAT16, n, size, size, 16);
        Tensor dw = cuda.arena.float32(16, 1, 1, 8);
        cuda.device.ops().fill(dw, 0);
        cuda.device.ops().conv2dBackwardWeights(dw, null, dy, x, Conv2d.of(1));
        float[] xs = cuda.read(x);
        float[] dys = cuda.read(dy);
        float[] actual = cuda.read(dw);
        for (int k = 0; k < 16; k++) {
            for (int c = 0; c < 8; c++) {
                double exact = 0;
                for (int pixel = 0; pixel < n * size * size; pixel++) {
                    exact += (double) dys[pixel * 16 + k] * xs[pixel * 8 + c];
                }
                double error = Math.abs(actual[k * 8 + c] - exact);
                assertTrue(error <= 1e-4 * Math.sqrt(n * size * size), "dw[" + k + "][" + c + "] is off by " + error);
            }
        }
    }

    /** The narrow copy of a weight is remade when the weight says that it changed, and only then. */
    @Test
    void packedWeightsFollowTheirVersion() {
        assumeTensorCores();
        Tensor x = cuda.normal(1, DType.BFLOAT16, 1, 4, 4, 16);
        Tensor y = cuda.arena.tensor(DType.BFLOAT16, 1, 4, 4, 16);
        Weight w = weight(16, 3, 16);
        cuda.device.ops().conv2dForward(y, x, w, Epilogue.NONE, Conv2d.of(3));
        float[] before = cuda.read(y);
        cuda.device.ops().fill(w.value(), 0);
        cuda.device.ops().conv2dForward(y, x, w, Epilogue.NONE, Conv2d.of(3));
        assertArrayEquals(before, cuda.read(y));
        w.changed();
        cuda.device.ops().conv2dForward(y, x, w, Epilogue.NONE, Conv2d.of(3));
        assertArrayEquals(new float[before.length], cuda.read(y));
    }

    @Test
    void tf32IsOnlyUsedWhenAllowed() {
        assumeTensorCores();
        try (CudaFixture rounding = new CudaFixture(new DeviceOptions(0, "own", true))) {
            float[] exact = singlePixel(cuda);
            float[] rounded = singlePixel(rounding);
            assertEquals(1 + 0x1p-12f, exact[0]);
            assertEquals(1f, rounded[0], "the factor 1 + 2^-12 rounds to 1 in TF32");
        }
    }

    /** Other cards compute with the weights as they are, and without rounding them. */
    private static void assumeTensorCores() {
        assumeTrue(cuda.device.hasFastBfloat16(), "this card has no tensor cores for bfloat16 and TF32");
    }

    /** One product 1·(1 + 2^-12) in a sum of zeros. */
    private static float[] singlePixel(CudaFixture on) {
        Tensor x = on.arena.float32(1, 1, 1, 16);
        Tensor value = on.arena.float32(4, 1, 1, 16);
        Tensor y = on.arena.float32(1, 1, 1, 4);
        float[] xs = new float[16];
        float[] ws = new float[64];
        xs[3] = 1 + 0x1p-12f;
        Arrays.fill(ws, 1);
        Transfers.upload(on.device, x, xs);
        Transfers.upload(on.device, value, ws);
        on.device.ops().conv2dForward(y, x, new Weight("w", value), Epilogue.NONE, Conv2d.of(1));
        return on.read(y);
    }
}
