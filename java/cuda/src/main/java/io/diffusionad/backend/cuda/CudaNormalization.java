package io.diffusionad.backend.cuda;

import io.diffusionad.ops.Activation;
import io.diffusionad.ops.Resample;
import io.diffusionad.tensor.Tensor;

import static io.diffusionad.backend.cuda.ConvolutionKernel.ceilDiv;
import static io.diffusionad.backend.cuda.CudaElementwise.suffix;

/**
 * Group and batch normalisation ({@code kernels/norm.cu}): sums over slices of pixels, a small launch that merges them,
 * and a pass that writes. Batch normalisation runs the same kernels as one sample of N·H·W pixels whose groups are
 * single channels.
 */
final class CudaNormalization {
    private static final int BLOCK = 256;
    private static final int CHANNELS_A_TILE = 256;
    private static final int ELEMENTS_A_CHUNK = 16384;
    private static final int LEAST_PIXELS_A_SLICE = 16;
    private static final int GROUP_SLICES = 256;
    private static final int BATCH_SLICES = 1024;

    private final Launch launch;
    private final ScratchMemory scratch;

    CudaNormalization(Launch launch, ScratchMemory scratch) {
        this.launch = launch;
        this.scratch = scratch;
    }

    /**
     * How the kernels see their input. Slices depend on a sample's size alone, so that its result does not depend on
     * the batch.
     */
    private record Extent(int n, int h, int w, int c1, int c2, int groups, long pixelsPerSlice) {
        static Extent ofGroups(Tensor x, Tensor tail, int groups) {
            return new Extent(
                    x.dim(0),
                    x.dim(1),
                    x.dim(2),
                    x.dim(3),
                    tail == null ? 0 : tail.dim(3),
                    groups,
                    pixelsPerSlice((long) x.dim(1) * x.dim(2), GROUP_SLICES));
        }

        static Extent ofBatch(Tensor x) {
            int rows = Math.multiplyExact(x.dim(0), x.dim(1));
            return new Extent(
                    1, rows, x.dim(2), x.dim(3), 0, x.dim(3), pixelsPerSlice((long) rows * x.dim(2), BATCH_SLICES));
        }

        private static long pixelsPerSlice(long pixels, int most) {
            return Math.max(LEAST_PIXELS_A_SLICE, (pixels + most - 1) / most);
        }

        int channels() {
            return c1 + c2;
        }

        long pixels() {
            return (long) h * w;
        }

        int slices() {
            return (int) ((pixels() + pixelsPerSlice - 1) / pixelsPerSlice);
        }

        int tiles() {
            return ceilDiv(channels(), CHANNELS_A_TILE);
        }

        long chunks() {
            return Math.max(1, pixels() * channels() / ELEMENTS_A_CHUNK);
        }

        long partialBytes() {
            return 2L * n * slices() * channels() * Float.BYTES;
        }

        long coefficientBytes() {
            return 2L * n * groups * Float.BYTES;
        }
    }

    void groupForward(
            Tensor y,
            Tensor mean,
            Tensor rstd,
            Tensor x,
            Tensor tail,
            Tensor gamma,
            Tensor beta,
            int groups,
            float eps,
            Activation activation,
            Resample change) {
        Extent extent = Extent.ofGroups(x, tail, groups);
        long partial = statistics(extent, x, tail);
        launch.kernel("group_norm_finish")
                .pointer(mean)
                .pointer(rstd)
                .pointer(partial)
                .i32(extent.slices(), extent.channels())
                .i64(extent.pixels())
                .i64(extent.pixelsPerSlice())
                .f32(eps)
                .grid(groups, extent.n(), 1, 128, 0);
        apply(extent, y, x, tail, mean.address(), rstd.address(), gamma, beta, activation, change);
    }

    void groupBackward(
            Tensor dx,
            Tensor dxTail,
            Tensor dgamma,
            Tensor dbeta,
            Tensor dy,
            Tensor x,
            Tensor tail,
            Tensor mean,
            Tensor rstd,
            Tensor gamma,
            Tensor beta,
            int groups,
            Activation activation,
            Resample change,
            boolean accumulate) {
        backward(
                Extent.ofGroups(x, tail, groups),
                dx,
                dxTail,
                dgamma,
                dbeta,
                dy,
                x,
                tail,
                mean,
                rstd,
                gamma,
                beta,
                activation,
                change,
                accumulate);
    }

    void batchForwardTraining(
            Tensor y,
            Tensor mean,
            Tensor rstd,
            Tensor runningMean,
            Tensor runningVar,
            Tensor x,
            Tensor gamma,
            Tensor beta,
            float momentum,
            float eps,
            Activation activation) {
        Extent extent = Extent.ofBatch(x);
        long partial = statistics(extent, x, null);
        launch.kernel("batch_norm_finish")
                .pointer(mean)
                .pointer(rstd)
                .pointer(runningMean)
                .pointer(runningVar)
                .pointer(partial)
                .i32(extent.slices())
                .i64(extent.pixels())
                .i64(extent.pixelsPerSlice())
                .f32(momentum, eps)
                .grid(extent.channels(), 1, 1, 128, 0);
        apply(extent, y, x, null, mean.address(), rstd.address(), gamma, beta, activation, Resample.NONE);
    }

    void batchForwardInference(
            Tensor y,
            Tensor x,
            Tensor gamma,
            Tensor beta,
            Tensor runningMean,
            Tensor runningVar,
            float eps,
            Activation activation) {
        Extent extent = Extent.ofBatch(x);
        long rstd = scratch.atLeast((long) extent.channels() * Float.BYTES);
        launch.kernel("batch_norm_running_rstd")
                .pointer(rstd)
                .pointer(runningVar)
                .i32(extent.channels())
                .f32(eps)
                .over(extent.channels(), 128);
        apply(extent, y, x, null, runningMean.address(), rstd, gamma, beta, activation, Resample.NONE);
    }

    void batchBackward(
            Tensor dx,
            Tensor dgamma,
            Tensor dbeta,
            Tensor dy,
            Tensor x,
            Tensor mean,
            Tensor rstd,
            Tensor gamma,
            Tensor beta,
            Activation activation) {
        backward(
                Extent.ofBatch(x),
                dx,
                null,
                dgamma,
                dbeta,
                dy,
                x,
                null,
                mean,
                rstd,
                gamma,
                beta,
                activation,
                Resample.NONE,
                false);
    }

    private long statistics(Extent extent, Tensor x, Tensor tail) {
        long partial = scratch.atLeast(extent.partialBytes());
        launch.kernel("norm_statistics_" + suffix(x))
                .pointer(partial)
                .pointer(x)
                .pointer(tail)
                .i32(extent.c1(), extent.c2())
                .i64(extent.pixels())
                .i64(extent.pixelsPerSlice())
                .grid(extent.slices(), extent.tiles(), extent.n(), BLOCK, 0);
        return partial;
    }

    private void apply(
            Extent extent,
            Tensor y,
            Tensor x,
            Tensor tail,
            long mean,
            long rstd,
            Tensor gamma,
            Tensor beta,
            Activation activation,
            Resample change) {
        launch.kernel("norm_apply_" + suffix(x))
                .pointer(y)
                .pointer(x)
                .pointer(tail)
                .pointer(mean)
                .pointer(rstd)
                .pointer(gamma)
                .pointer(beta)
                .i32(extent.h(), extent.w(), extent.c1(), extent.c2(), extent.groups(), code(activation), code(change))
                .grid(extent.chunks(), extent.tiles(), extent.n(), BLOCK, 0);
    }

    private void backward(
            Extent extent,
            Tensor dx,
            Tensor dxTail,
            Tensor dgamma,
            Tensor dbeta,
            Tensor dy,
            Tensor x,
            Tensor tail,
            Tensor mean,
            Tensor rstd,
            Tensor gamma,
            Tensor beta,
            Activation activation,
            Resample change,
            boolean accumulate) {
        long partial = scratch.atLeast(extent.partialBytes() + extent.coefficientBytes());
        long coefficients = partial + extent.partialBytes();
        launch.kernel("norm_backward_sums_" + suffix(x))
                .pointer(partial)
                .pointer(dy)
                .pointer(x)
                .pointer(tail)
                .pointer(mean)
                .pointer(rstd)
                .pointer(gamma)
                .pointer(beta)
                .i32(extent.h(), extent.w(), extent.c1(), extent.c2(), extent.groups(), code(activation), code(change))
                .i64(extent.pixelsPerSlice())
                .grid(extent.slices(), extent.tiles(), extent.n(), BLOCK, 0);
        launch.kernel("norm_backward_finish")
                .pointer(coefficients)
                .pointer(partial)
                .pointer(gamma)
                .i32(extent.slices(), extent.channels())
                .i64(extent.pixels())
                .grid(extent.groups(), extent.n(), 1, 128, 0);
        launch.kernel("norm_parameter_gradients")
                .pointer(dgamma)
                .pointer(dbeta)
                .pointer(partial)
                .i32(extent.n() * extent.slices(), extent.channels())
                .grid(ceilDiv(extent.channels(), 32), 1, 1, BLOCK, 0);
        launch.kernel("norm_backward_apply_" + suffix(x))
                .pointer(dx)
                .pointer(dxTail)
                .pointer(dy)
                .pointer(x)
                .pointer(tail)
                .pointer(mean)
                .pointer(rstd)
                .pointer(gamma)
                .pointer(beta)
                .pointer(coefficients)
                .i32(extent.h(), extent.w(), extent.c1(), extent.c2(), extent.groups(), code(activation), code(change))
                .i32(accumulate)
                .grid(extent.chunks(), extent.tiles(), extent.n(), BLOCK, 0);
    }

    /** Numbers of kernels/norm.cu. */
    private static int code(Resample change) {
        return switch (change) {
            case NONE -> 0;
            case UP -> 1;
            case DOWN -> 2;
        };
    }

    private static int code(Activation activation) {
        return CudaElementwise.code(activation);
    }
}
