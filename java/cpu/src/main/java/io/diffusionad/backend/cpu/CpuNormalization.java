package io.diffusionad.backend.cpu;

import io.diffusionad.ops.Activation;
import io.diffusionad.ops.NormalizationOps;
import io.diffusionad.ops.Quantization;
import io.diffusionad.ops.Resample;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import static io.diffusionad.backend.cpu.Operands.address;
import static io.diffusionad.backend.cpu.Operands.exactly;
import static io.diffusionad.backend.cpu.Operands.floats;
import static io.diffusionad.backend.cpu.Operands.image;
import static io.diffusionad.backend.cpu.Operands.like;
import static io.diffusionad.backend.cpu.Operands.require;
import static io.diffusionad.backend.cpu.Operands.type;

/** Group and batch normalisation; the latter is the former over one sample of N·H rows with one channel a group. */
final class CpuNormalization implements NormalizationOps {
    private static final Quantization UNQUANTIZED = new Quantization(1f, 0);

    private final CpuHandle handle;

    CpuNormalization(CpuHandle handle) {
        this.handle = handle;
    }

    @Override
    public void groupNormForward(
            Tensor y,
            Tensor mean,
            Tensor rstd,
            Tensor x,
            Tensor xTail,
            Tensor gamma,
            Tensor beta,
            int groups,
            float eps,
            Activation activation,
            Resample resample) {
        groupNorm(
                "groupNormForward",
                y,
                x.dtype(),
                UNQUANTIZED,
                mean,
                rstd,
                x,
                xTail,
                gamma,
                beta,
                groups,
                eps,
                activation,
                resample);
    }

    /** As {@code QuantizedOps} describes it. */
    void groupNormForwardQuantized(
            Tensor y,
            Quantization quantization,
            Tensor mean,
            Tensor rstd,
            Tensor x,
            Tensor xTail,
            Tensor gamma,
            Tensor beta,
            int groups,
            float eps,
            Activation activation,
            Resample resample) {
        groupNorm(
                "groupNormForwardQuantized",
                y,
                DType.UINT8,
                quantization,
                mean,
                rstd,
                x,
                xTail,
                gamma,
                beta,
                groups,
                eps,
                activation,
                resample);
    }

    private void groupNorm(
            String operation,
            Tensor y,
            DType yType,
            Quantization quantization,
            Tensor mean,
            Tensor rstd,
            Tensor x,
            Tensor xTail,
            Tensor gamma,
            Tensor beta,
            int groups,
            float eps,
            Activation activation,
            Resample resample) {
        int tailChannels = checkGroups(operation, y, "y", yType, x, xTail, groups, activation, resample);
        checkStatistics(operation, mean, rstd, (long) x.dim(0) * groups);
        checkScale(operation, gamma, beta, x.dim(3) + tailChannels);
        forward(
                handle.address(),
                y.address(),
                mean.address(),
                rstd.address(),
                0,
                0,
                x.address(),
                address(xTail),
                gamma.address(),
                beta.address(),
                x.dim(0),
                x.dim(1),
                x.dim(2),
                x.dim(3),
                tailChannels,
                groups,
                eps,
                0f,
                activation.ordinal(),
                resample.ordinal(),
                type(y),
                type(x),
                quantization.scale(),
                quantization.zeroPoint());
    }

    @Override
    public void groupNormBackward(
            Tensor dx,
            Tensor dxTail,
            Tensor dgamma,
            Tensor dbeta,
            Tensor dy,
            Tensor x,
            Tensor xTail,
            Tensor mean,
            Tensor rstd,
            Tensor gamma,
            Tensor beta,
            int groups,
            Activation activation,
            Resample resample,
            boolean accumulate) {
        String operation = "groupNormBackward";
        int tailChannels = checkGroups(operation, dy, "dy", x.dtype(), x, xTail, groups, activation, resample);
        like(operation, "dx", dx, x);
        require(operation, (dxTail == null) == (xTail == null), "dxTail and xTail come together");
        if (xTail != null) {
            like(operation, "dxTail", dxTail, xTail);
        }
        checkStatistics(operation, mean, rstd, (long) x.dim(0) * groups);
        checkScale(operation, gamma, beta, x.dim(3) + tailChannels);
        checkScale(operation, dgamma, dbeta, x.dim(3) + tailChannels);
        backward(
                handle.address(),
                dx.address(),
                address(dxTail),
                dgamma.address(),
                dbeta.address(),
                dy.address(),
                x.address(),
                address(xTail),
                mean.address(),
                rstd.address(),
                gamma.address(),
                beta.address(),
                x.dim(0),
                x.dim(1),
                x.dim(2),
                x.dim(3),
                tailChannels,
                groups,
                activation.ordinal(),
                resample.ordinal(),
                accumulate,
                type(x));
    }

    @Override
    public void batchNormForwardTraining(
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
        String operation = "batchNormForwardTraining";
        checkBatch(operation, y, x, activation);
        int channels = x.dim(3);
        checkStatistics(operation, mean, rstd, channels);
        checkStatistics(operation, runningMean, runningVar, channels);
        checkScale(operation, gamma, beta, channels);
        forward(
                handle.address(),
                y.address(),
                mean.address(),
                rstd.address(),
                runningMean.address(),
                runningVar.address(),
                x.address(),
                0,
                gamma.address(),
                beta.address(),
                1,
                rows(x),
                x.dim(2),
                channels,
                0,
                channels,
                eps,
                momentum,
                activation.ordinal(),
                Resample.NONE.ordinal(),
                type(y),
                type(x),
                UNQUANTIZED.scale(),
                UNQUANTIZED.zeroPoint());
    }

    @Override
    public void batchNormForwardInference(
            Tensor y,
            Tensor x,
            Tensor gamma,
            Tensor beta,
            Tensor runningMean,
            Tensor runningVar,
            float eps,
            Activation activation) {
        String operation = "batchNormForwardInference";
        checkBatch(operation, y, x, activation);
        checkStatistics(operation, runningMean, runningVar, x.dim(3));
        checkScale(operation, gamma, beta, x.dim(3));
        inference(
                handle.address(),
                y.address(),
                x.address(),
                gamma.address(),
                beta.address(),
                runningMean.address(),
                runningVar.address(),
                x.dim(0),
                x.dim(1),
                x.dim(2),
                x.dim(3),
                eps,
                activation.ordinal(),
                type(x));
    }

    @Override
    public void batchNormBackward(
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
        String operation = "batchNormBackward";
        checkBatch(operation, dx, x, activation);
        like(operation, "dy", dy, x);
        int channels = x.dim(3);
        checkStatistics(operation, mean, rstd, channels);
        checkScale(operation, gamma, beta, channels);
        checkScale(operation, dgamma, dbeta, channels);
        backward(
                handle.address(),
                dx.address(),
                0,
                dgamma.address(),
                dbeta.address(),
                dy.address(),
                x.address(),
                0,
                mean.address(),
                rstd.address(),
                gamma.address(),
                beta.address(),
                1,
                rows(x),
                x.dim(2),
                channels,
                0,
                channels,
                activation.ordinal(),
                Resample.NONE.ordinal(),
                false,
                type(x));
    }

    private static int rows(Tensor x) {
        return Math.multiplyExact(x.dim(0), x.dim(1));
    }

    /** Returns the channels of xTail. */
    private static int checkGroups(
            String operation,
            Tensor y,
            String yName,
            DType yType,
            Tensor x,
            Tensor xTail,
            int groups,
            Activation activation,
            Resample resample) {
        image(operation, "x", x);
        int tailChannels = 0;
        if (xTail != null) {
            tailChannels = xTail.dim(xTail.rank() - 1);
            exactly(operation, "xTail", xTail, x.dtype(), x.dim(0), x.dim(1), x.dim(2), tailChannels);
        }
        int channels = x.dim(3) + tailChannels;
        require(
                operation,
                groups > 0 && channels % groups == 0,
                "%d groups do not divide %d channels",
                groups,
                channels);
        require(
                operation,
                activation == Activation.NONE || activation == Activation.SILU,
                "activation %s is not fused here",
                activation);
        require(
                operation,
                resample != Resample.DOWN || (x.dim(1) % 2 == 0 && x.dim(2) % 2 == 0),
                "DOWN needs even sizes, not %s",
                x);
        exactly(operation, yName, y, yType, x.dim(0), resample.apply(x.dim(1)), resample.apply(x.dim(2)), channels);
        return tailChannels;
    }

    private static void checkBatch(String operation, Tensor y, Tensor x, Activation activation) {
        image(operation, "x", x);
        like(operation, "y", y, x);
        require(
                operation,
                activation == Activation.NONE || activation == Activation.RELU,
                "activation %s is not fused here",
                activation);
    }

    private static void checkStatistics(String operation, Tensor mean, Tensor spread, long count) {
        floats(operation, "mean", mean, count);
        floats(operation, "rstd or variance", spread, count);
    }

    private static void checkScale(String operation, Tensor gamma, Tensor beta, int channels) {
        floats(operation, "gamma", gamma, channels);
        floats(operation, "beta", beta, channels);
    }

    private static native void forward(
            long context,
            long y,
            long mean,
            long rstd,
            long runningMean,
            long runningVariance,
            long x,
            long tail,
            long gamma,
            long beta,
            int n,
            int h,
            int w,
            int c,
            int tailChannels,
            int groups,
            float eps,
            float momentum,
            int activation,
            int resample,
            int yType,
            int type,
            float step,
            int zeroPoint);

    private static native void inference(
            long context,
            long y,
            long x,
            long gamma,
            long beta,
            long mean,
            long variance,
            int n,
            int h,
            int w,
            int c,
            float eps,
            int activation,
            int type);

    private static native void backward(
            long context,
            long dx,
            long dtail,
            long dgamma,
            long dbeta,
            long dy,
            long x,
            long tail,
            long mean,
            long rstd,
            long gamma,
            long beta,
            int n,
            int h,
            int w,
            int c,
            int tailChannels,
            int groups,
            int activation,
            int resample,
            boolean accumulate,
            int type);
}
