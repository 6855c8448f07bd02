package io.diffusionad.ops;

import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

/**
 * Rules of {@link NormalizationOps} and {@link AttentionOps}; attention costs 4·N·T²·C operations forward and 10·N·T²·C
 * backward (scores recomputed).
 */
final class NormalizationCalls {
    private NormalizationCalls() {}

    static OperationCall groupNormForward(
            Tensor y,
            Tensor mean,
            Tensor rstd,
            Tensor x,
            Tensor xTail,
            Tensor gamma,
            Tensor beta,
            int groups,
            Activation activation,
            Resample resample) {
        OperationCall call = groupNormForward("groupNormForward", y, mean, rstd, x, xTail, gamma, beta);
        return groupNorm(call, "y", x, xTail, "x", "xTail", groups, activation, resample)
                .activations("x", "y");
    }

    static OperationCall groupNormForwardQuantized(
            Tensor y,
            Tensor mean,
            Tensor rstd,
            Tensor x,
            Tensor xTail,
            Tensor gamma,
            Tensor beta,
            int groups,
            Activation activation,
            Resample resample) {
        OperationCall call = groupNormForward("groupNormForwardQuantized", y, mean, rstd, x, xTail, gamma, beta);
        return groupNorm(call, "y", x, xTail, "x", "xTail", groups, activation, resample)
                .type(DType.UINT8, "y");
    }

    private static OperationCall groupNormForward(
            String name, Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor xTail, Tensor gamma, Tensor beta) {
        return new OperationCall(name)
                .out("y", y)
                .out("mean", mean)
                .out("rstd", rstd)
                .in("x", x)
                .optionalIn("xTail", xTail)
                .in("gamma", gamma)
                .in("beta", beta);
    }

    static OperationCall groupNormBackward(
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
        OperationCall call = new OperationCall("groupNormBackward").gradient("dx", dx, accumulate);
        if (dxTail != null) {
            call.gradient("dxTail", dxTail, accumulate);
        }
        call.updated("dgamma", dgamma)
                .updated("dbeta", dbeta)
                .in("dy", dy)
                .in("x", x)
                .optionalIn("xTail", xTail)
                .in("mean", mean)
                .in("rstd", rstd)
                .in("gamma", gamma)
                .in("beta", beta)
                .require((dxTail == null) == (xTail == null), "dxTail and xTail go together");
        groupNorm(call, "dy", x, xTail, "x", "xTail", groups, activation, resample);
        call.shape("dx", x.dims())
                .activations("x", "dy", "dx", "dxTail")
                .shape("dgamma", gamma.dims())
                .shape("dbeta", gamma.dims())
                .type(DType.FLOAT32, "dgamma", "dbeta");
        return xTail == null ? call : call.shape("dxTail", xTail.dims());
    }

    private static OperationCall groupNorm(
            OperationCall call,
            String result,
            Tensor x,
            Tensor xTail,
            String xName,
            String tailName,
            int groups,
            Activation activation,
            Resample resample) {
        call.rank(4, xName, tailName);
        int channels = x.dim(3) + (xTail == null ? 0 : xTail.dim(3));
        if (xTail != null) {
            call.shape(tailName, x.dim(0), x.dim(1), x.dim(2), xTail.dim(3));
        }
        boolean even = x.dim(1) % 2 == 0 && x.dim(2) % 2 == 0;
        return call.require(
                        groups > 0 && channels % groups == 0,
                        channels + " channels do not divide into " + groups + " groups")
                .require(activation == Activation.NONE || activation == Activation.SILU, "activation " + activation)
                .require(resample != Resample.DOWN || even, "averaging needs an even height and width")
                .shape(result, x.dim(0), resample.apply(x.dim(1)), resample.apply(x.dim(2)), channels)
                .activations(xName, tailName)
                .shape("mean", x.dim(0), groups)
                .shape("rstd", x.dim(0), groups)
                .shape("gamma", channels)
                .shape("beta", channels)
                .type(DType.FLOAT32, "mean", "rstd", "gamma", "beta");
    }

    static OperationCall batchNormForwardTraining(
            Tensor y,
            Tensor mean,
            Tensor rstd,
            Tensor runningMean,
            Tensor runningVar,
            Tensor x,
            Tensor gamma,
            Tensor beta,
            Activation activation) {
        OperationCall call = new OperationCall("batchNormForwardTraining")
                .out("y", y)
                .out("mean", mean)
                .out("rstd", rstd)
                .updated("runningMean", runningMean)
                .updated("runningVar", runningVar)
                .in("x", x)
                .in("gamma", gamma)
                .in("beta", beta);
        return batchNorm(call, "y", x, activation)
                .require(x.elements() > x.dim(3), "statistics need more than one value a channel");
    }

    static OperationCall batchNormForwardInference(
            Tensor y,
            Tensor x,
            Tensor gamma,
            Tensor beta,
            Tensor runningMean,
            Tensor runningVar,
            Activation activation) {
        return batchNorm(
                new OperationCall("batchNormForwardInference")
                        .out("y", y)
                        .in("x", x)
                        .in("gamma", gamma)
                        .in("beta", beta)
                        .in("runningMean", runningMean)
                        .in("runningVar", runningVar),
                "y",
                x,
                activation);
    }

    static OperationCall batchNormBackward(
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
        OperationCall call = new OperationCall("batchNormBackward")
                .out("dx", dx)
                .updated("dgamma", dgamma)
                .updated("dbeta", dbeta)
                .in("dy", dy, "dx")
                .in("x", x)
                .in("mean", mean)
                .in("rstd", rstd)
                .in("gamma", gamma)
                .in("beta", beta);
        return batchNorm(call, "dy", x, activation).shape("dx", x.dims()).activations("x", "dx");
    }

    private static OperationCall batchNorm(OperationCall call, String result, Tensor x, Activation activation) {
        call.rank(4, "x")
                .shape(result, x.dims())
                .activations("x", result)
                .require(activation == Activation.NONE || activation == Activation.RELU, "activation " + activation);
        for (String perChannel :
                new String[] {"mean", "rstd", "runningMean", "runningVar", "gamma", "beta", "dgamma", "dbeta"}) {
            call.shape(perChannel, x.dim(3)).type(DType.FLOAT32, perChannel);
        }
        return call;
    }

    static OperationCall attentionForward(Tensor y, Tensor logSumExp, Tensor qkv, int heads) {
        return attention(
                new OperationCall("attentionForward")
                        .out("y", y)
                        .out("logSumExp", logSumExp)
                        .in("qkv", qkv),
                y,
                heads,
                4);
    }

    static OperationCall attentionBackward(Tensor dqkv, Tensor dy, Tensor y, Tensor qkv, Tensor logSumExp, int heads) {
        OperationCall call = new OperationCall("attentionBackward")
                .out("dqkv", dqkv)
                .in("dy", dy)
                .in("y", y)
                .in("qkv", qkv)
                .in("logSumExp", logSumExp);
        return attention(call, y, heads, 10)
                .shape("dy", y.dims())
                .shape("dqkv", qkv.dims())
                .activations("y", "dy", "dqkv");
    }

    private static OperationCall attention(OperationCall call, Tensor y, int heads, int flopPerPairAndChannel) {
        call.rank(3, "y", "qkv")
                .require(
                        heads > 0 && y.dim(2) % heads == 0,
                        y.dim(2) + " channels do not divide into " + heads + " heads");
        return call.shape("qkv", y.dim(0), y.dim(1), 3 * y.dim(2))
                .shape("logSumExp", y.dim(0), heads, y.dim(1))
                .activations("y", "qkv")
                .type(DType.FLOAT32, "logSumExp")
                .flop((long) flopPerPairAndChannel * y.dim(1) * y.elements());
    }
}
