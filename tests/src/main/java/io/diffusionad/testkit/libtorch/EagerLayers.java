package io.diffusionad.testkit.libtorch;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.function.Supplier;

/** Layers that LibTorch computes at once, with autograd where it is on. */
public final class EagerLayers implements Layers<Tensor> {
    private final TorchParameters parameters;

    public EagerLayers(TorchParameters parameters) {
        this.parameters = parameters;
    }

    @Override
    public TorchParameters parameters() {
        return parameters;
    }

    @Override
    public Tensor part(Supplier<Tensor> computation) {
        return TorchScope.keepingResult(computation);
    }

    @Override
    public Tensor convolution(String prefix, Tensor x, long stride) {
        Tensor weight = parameters.get(prefix + ".weight");
        long padding = weight.size(2) / 2;
        return torch.conv2d(
                x,
                weight,
                parameters.optional(prefix + ".bias"),
                new long[] {stride, stride},
                new long[] {padding, padding},
                new long[] {1, 1},
                1);
    }

    @Override
    public Tensor pointwise(String prefix, Tensor x) {
        return torch.conv1d(
                x,
                parameters.get(prefix + ".weight"),
                parameters.optional(prefix + ".bias"),
                new long[] {1},
                new long[] {0},
                new long[] {1},
                1);
    }

    @Override
    public Tensor linear(String prefix, Tensor x) {
        return torch.linear(x, parameters.get(prefix + ".weight"), parameters.optional(prefix + ".bias"));
    }

    @Override
    public Tensor groupNorm(String prefix, Tensor x) {
        return torch.group_norm(
                x, GROUPS, parameters.optional(prefix + ".weight"), parameters.optional(prefix + ".bias"), EPS, false);
    }

    @Override
    public Tensor batchNorm(String prefix, Tensor x, boolean training) {
        if (!parameters.has(prefix + ".running_mean")) {
            return x;
        }
        return torch.batch_norm(
                x,
                parameters.optional(prefix + ".weight"),
                parameters.optional(prefix + ".bias"),
                parameters.optional(prefix + ".running_mean"),
                parameters.optional(prefix + ".running_var"),
                training,
                0.1,
                EPS,
                false);
    }

    @Override
    public Tensor silu(Tensor x) {
        return torch.silu(x);
    }

    @Override
    public Tensor relu(Tensor x) {
        return torch.relu(x);
    }

    @Override
    public Tensor sigmoid(Tensor x) {
        return torch.sigmoid(x);
    }

    @Override
    public Tensor softmax(Tensor x) {
        return x.scalar_type() == ScalarType.BFloat16
                ? torch.softmax(x, -1, new ScalarTypeOptional(ScalarType.Float)).to(ScalarType.BFloat16)
                : torch.softmax(x, -1);
    }

    @Override
    public Tensor sum(Tensor a, Tensor b) {
        return a.add(b);
    }

    @Override
    public Tensor shifted(Tensor x, Tensor shift) {
        return x.add(shift.unsqueeze(2).unsqueeze(3));
    }

    @Override
    public Tensor scaled(Tensor x, double factor) {
        return x.mul(new Scalar(factor));
    }

    @Override
    public Tensor concatenated(Tensor a, Tensor b) {
        return torch.cat(new TensorVector(a, b), 1);
    }

    @Override
    public Tensor halved(Tensor x) {
        return torch.avg_pool2d(
                x, new long[] {2, 2}, new long[] {2, 2}, new long[] {0, 0}, false, true, new LongOptional());
    }

    @Override
    public Tensor pooled(Tensor x) {
        return torch.max_pool2d(x, 2, 2);
    }

    @Override
    public Tensor doubled(Tensor x) {
        return torch.upsample_nearest2d(x, 2 * x.size(2), 2 * x.size(3));
    }

    @Override
    public Tensor enlarged(Tensor x) {
        return torch.upsample_bilinear2d(
                x, new long[] {2 * x.size(2), 2 * x.size(3)}, true, new DoubleOptional(), new DoubleOptional());
    }

    @Override
    public Tensor tokens(Tensor x) {
        return x.flatten(2, 3);
    }

    @Override
    public Tensor byHead(Tensor x, long heads) {
        return x.reshape(x.size(0) * heads, x.size(1) / heads, x.size(2));
    }

    @Override
    public Tensor narrowed(Tensor x, long from, long channels) {
        return x.narrow(1, from, channels);
    }

    @Override
    public Tensor transposed(Tensor x) {
        return x.transpose(1, 2);
    }

    @Override
    public Tensor product(Tensor a, Tensor b) {
        return torch.bmm(a, b);
    }

    @Override
    public Tensor shapedLike(Tensor x, Tensor like) {
        return x.reshape_as(like);
    }

    @Override
    public Tensor waves(Tensor t, double[] frequencies, String like) {
        Tensor angles = t.unsqueeze(1).mul(TorchTensors.of(frequencies, t.scalar_type(), 1, frequencies.length));
        return concatenated(angles.sin(), angles.cos()).to(parameters.get(like).scalar_type());
    }
}
