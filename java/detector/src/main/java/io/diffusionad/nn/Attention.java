package io.diffusionad.nn;

import io.diffusionad.ops.Activation;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.ops.Resample;
import io.diffusionad.tensor.Tensor;

/** Self-attention over all pixels: {@code y = x + proj(attention(qkv(norm(x))))}. */
final class Attention implements Layer {
    private final String name;
    private final GroupNorm norm;
    private final Convolution qkvConvolution;
    private final Convolution projection;
    private final int heads;

    private record Saved(
            Tensor x, // (N, H, W, C)
            GroupNorm.Statistics statistics,
            Tensor normalised, // (N, H, W, C)
            Tensor qkv, // (N, H·W, 3C)
            Tensor attended, // (N, H·W, C)
            Tensor logSumExp) { // (N, heads, H·W)
    }

    Attention(ParameterDeclarations parameters, String name, int channels, int heads) {
        this.name = name;
        this.heads = heads;
        norm = GroupNorm.declare(parameters, name + ".norm", channels, Activation.NONE, Resample.NONE);
        qkvConvolution = Convolution.declareOneDimensional(
                parameters, name + ".to_qkv", channels, 3 * channels, Parameter.Start.UNIFORM);
        projection = Convolution.declareOneDimensional(
                parameters, name + ".proj_out", channels, channels, Parameter.Start.ZERO);
    }

    @Override
    public int[] outputShape(int... in) {
        return in;
    }

    @Override
    public boolean backwardsInPlace() {
        return true;
    }

    @Override
    public boolean forwardsInPlace() {
        return true;
    }

    @Override
    public void forward(Pass pass, Tensor y, Tensor x, Tensor time) {
        pass.label(name);
        int n = x.dim(0);
        int pixels = x.dim(1) * x.dim(2);
        int channels = x.dim(3);
        try (var temporaries = pass.temporaries()) {
            Tensor normalised = pass.tensor(x.dims());
            GroupNorm.Statistics statistics = norm.forward(pass, normalised, x, null);
            Tensor qkv = pass.tensor(n, x.dim(1), x.dim(2), 3 * channels);
            qkvConvolution.forward(pass, qkv, normalised);
            Tensor attended = pass.tensor(x.dims());
            Tensor logSumExp = pass.float32(n, heads, pixels);
            Saved saved = new Saved(
                    x,
                    statistics,
                    normalised,
                    qkv.reshape(n, pixels, 3 * channels),
                    attended.reshape(n, pixels, channels),
                    logSumExp);
            pass.ops().attentionForward(saved.attended, logSumExp, saved.qkv, heads);
            projection.forward(pass, y, attended, null, Epilogue.NONE.withResidual(x));
            pass.save(this, saved);
        }
    }

    @Override
    public void backward(Pass pass, Tensor dx, Tensor dy, Tensor dtime) {
        pass.label(name);
        Saved saved = pass.restore(this, Saved.class);
        try (var scratch = pass.scratch()) {
            Tensor attended = saved.attended.reshape(saved.x.dims());
            projection.backwardParameters(pass, dy, attended, null);
            Tensor dattended = pass.flow(saved.x.dims());
            projection.backwardData(pass, dattended, dy);
            Tensor dqkv = pass.flow(saved.x.dim(0), saved.x.dim(1), saved.x.dim(2), 3 * saved.x.dim(3));
            pass.ops()
                    .attentionBackward(
                            dqkv.reshape(saved.qkv.dims()),
                            dattended.reshape(saved.attended.dims()),
                            saved.attended,
                            saved.qkv,
                            saved.logSumExp,
                            heads);
            qkvConvolution.backwardParameters(pass, dqkv, saved.normalised, null);
            Tensor dnormalised = dattended;
            qkvConvolution.backwardData(pass, dnormalised, dqkv);
            if (dx != dy) {
                pass.ops().copy(dx, dy);
            }
            norm.backward(pass, dx, null, dnormalised, saved.x, null, saved.statistics, true);
        }
    }
}
