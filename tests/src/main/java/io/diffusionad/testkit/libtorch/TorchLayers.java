package io.diffusionad.testkit.libtorch;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The layers of both networks in LibTorch's functions; parameters by the prefix of their names, images (N, C, H, W). */
final class TorchLayers {
    private static final long GROUPS = 32;
    private static final double EPS = 1e-5;

    private final TorchParameters parameters;

    TorchLayers(TorchParameters parameters) {
        this.parameters = parameters;
    }

    /** 3x3 or 1x1, padded to keep the size. */
    Tensor convolution(String prefix, Tensor x, long stride) {
        Tensor weight = parameters.get(prefix + ".weight");
        long padding = weight.size(2) / 2;
        return torch.conv2d(x, weight, parameters.optional(prefix + ".bias"), new long[] {stride, stride}, new long[] {padding, padding},
                new long[] {1, 1}, 1);
    }

    Tensor linear(String prefix, Tensor x) {
        return torch.linear(x, parameters.get(prefix + ".weight"), parameters.optional(prefix + ".bias"));
    }

    Tensor groupNorm(String prefix, Tensor x) {
        return torch.group_norm(x, GROUPS, parameters.optional(prefix + ".weight"), parameters.optional(prefix + ".bias"), EPS, false);
    }

    /** In training mode the running statistics move in place. Without running statistics the norm is taken to be folded into the convolution. */
    Tensor batchNorm(String prefix, Tensor x, boolean training) {
        if (!parameters.has(prefix + ".running_mean")) {
            return x;
        }
        return torch.batch_norm(x, parameters.optional(prefix + ".weight"), parameters.optional(prefix + ".bias"),
                parameters.optional(prefix + ".running_mean"), parameters.optional(prefix + ".running_var"), training, 0.1, EPS, false);
    }

    Tensor halved(Tensor x) {
        return torch.avg_pool2d(x, new long[] {2, 2}, new long[] {2, 2}, new long[] {0, 0}, false, true, new LongOptional());
    }

    Tensor doubled(Tensor x) {
        return torch.upsample_nearest2d(x, 2 * x.size(2), 2 * x.size(3));
    }

    Tensor concatenated(Tensor a, Tensor b) {
        return torch.cat(new TensorVector(a, b), 1);
    }

    /** Channels head-major: (head, [q, k, v], d). */
    Tensor attention(String prefix, Tensor x, long heads) {
        return TorchScope.keepingResult(() -> attended(prefix, x, heads));
    }

    private Tensor attended(String prefix, Tensor x, long heads) {
        long n = x.size(0);
        long channels = x.size(1);
        long tokens = x.size(2) * x.size(3);
        Tensor normalised = groupNorm(prefix + ".norm", x).reshape(n, channels, tokens);
        Tensor qkv = conv1d(prefix + ".to_qkv", normalised).reshape(n * heads, 3 * channels / heads, tokens);
        TensorVector parts = qkv.chunk(3, 1);
        Scalar scale = new Scalar(Math.pow((double) channels / heads, -0.25));
        Tensor scores = torch.bmm(parts.get(0).mul(scale).transpose(1, 2), parts.get(1).mul(scale));
        Tensor weights = scores.scalar_type() == ScalarType.BFloat16
                ? torch.softmax(scores, -1, new ScalarTypeOptional(ScalarType.Float)).to(ScalarType.BFloat16) : torch.softmax(scores, -1);
        Tensor attended = torch.bmm(parts.get(2), weights.transpose(1, 2)).reshape(n, channels, tokens);
        return x.add(conv1d(prefix + ".proj_out", attended).reshape(x.size(0), channels, x.size(2), x.size(3)));
    }

    private Tensor conv1d(String prefix, Tensor x) {
        return torch.conv1d(x, parameters.get(prefix + ".weight"), parameters.optional(prefix + ".bias"), new long[] {1}, new long[] {0}, new long[] {1}, 1);
    }
}
