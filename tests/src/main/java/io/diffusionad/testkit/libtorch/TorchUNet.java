package io.diffusionad.testkit.libtorch;

import io.diffusionad.nn.UNetConfig;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

import java.util.ArrayDeque;
import java.util.Deque;

/** The reconstruction network on LibTorch, from SPEC §5: an oracle for ours, and its peer in benchmarks. */
public final class TorchUNet {
    private enum Resize { NONE, HALVE, DOUBLE }

    private final UNetConfig config;
    private final TorchParameters parameters;
    private final TorchLayers layers;

    public TorchUNet(UNetConfig config, TorchParameters parameters) {
        this.config = config;
        this.parameters = parameters;
        this.layers = new TorchLayers(parameters);
    }

    /**
     * @param x (N, 3, H, W)
     * @param t timesteps (N), float or double whatever the parameters' type
     * @return (N, 3, H, W)
     */
    public Tensor forward(Tensor x, Tensor t) {
        Tensor time = timeEmbedding(t);
        Deque<Tensor> skips = new ArrayDeque<>();
        int stage = 0;
        Tensor h = layers.convolution("down." + stage++ + ".0", x, 1);
        skips.push(h);
        for (int level = 0; level < config.levels(); level++) {
            for (int block = 0; block < config.resBlocks(); block++) {
                h = blockAndAttention("down." + stage++, h, time);
                skips.push(h);
            }
            if (level < config.levels() - 1) {
                String prefix = "down." + stage++ + ".0";
                h = config.bigganUpDown() ? residualBlock(prefix, h, time, Resize.HALVE) : layers.convolution(prefix + ".downsample", h, 2);
                skips.push(h);
            }
        }
        h = residualBlock("middle.0", h, time, Resize.NONE);
        h = layers.attention("middle.1", h, config.headsFor((int) h.size(1)));
        h = residualBlock("middle.2", h, time, Resize.NONE);
        stage = 0;
        for (int level = config.levels() - 1; level >= 0; level--) {
            for (int block = 0; block <= config.resBlocks(); block++) {
                String prefix = "up." + stage++;
                h = blockAndAttention(prefix, layers.concatenated(h, skips.pop()), time);
                if (level > 0 && block == config.resBlocks()) {
                    String last = prefix + (parameters.has(prefix + ".1.norm.weight") ? ".2" : ".1");
                    h = config.bigganUpDown() ? residualBlock(last, h, time, Resize.DOUBLE) : layers.convolution(last + ".conv", layers.doubled(h), 1);
                }
            }
        }
        return layers.convolution("out.2", torch.silu(layers.groupNorm("out.0", h)), 1);
    }

    private Tensor timeEmbedding(Tensor t) {
        int half = config.baseChannels() / 2;
        double[] frequencies = new double[half];
        for (int i = 0; i < half; i++) {
            frequencies[i] = Math.exp(-i * Math.log(10000) / half);
        }
        Tensor angles = t.reshape(t.size(0), 1).mul(TorchTensors.of(frequencies, t.scalar_type(), 1, half));
        Tensor waves = torch.cat(new TensorVector(angles.sin(), angles.cos()), 1).to(parameters.get("time_embedding.1.weight").scalar_type());
        return layers.linear("time_embedding.3", torch.silu(layers.linear("time_embedding.1", waves)));
    }

    private Tensor blockAndAttention(String prefix, Tensor x, Tensor time) {
        Tensor h = residualBlock(prefix + ".0", x, time, Resize.NONE);
        return parameters.has(prefix + ".1.norm.weight") ? layers.attention(prefix + ".1", h, config.headsFor((int) h.size(1))) : h;
    }

    private Tensor residualBlock(String prefix, Tensor x, Tensor time, Resize resize) {
        return TorchScope.keepingResult(() -> residual(prefix, x, time, resize));
    }

    private Tensor residual(String prefix, Tensor x, Tensor time, Resize resize) {
        Tensor activated = resized(torch.silu(layers.groupNorm(prefix + ".in_layers.0", x)), resize);
        Tensor h = layers.convolution(prefix + ".in_layers.2", activated, 1);
        Tensor shift = layers.linear(prefix + ".embed_layers.1", torch.silu(time));
        h = h.add(shift.reshape(shift.size(0), shift.size(1), 1, 1));
        h = layers.convolution(prefix + ".out_layers.3", torch.silu(layers.groupNorm(prefix + ".out_layers.0", h)), 1);
        Tensor skip = resized(x, resize);
        return h.add(parameters.has(prefix + ".skip_connection.weight") ? layers.convolution(prefix + ".skip_connection", skip, 1) : skip);
    }

    private Tensor resized(Tensor x, Resize resize) {
        return switch (resize) {
            case NONE -> x;
            case HALVE -> layers.halved(x);
            case DOUBLE -> layers.doubled(x);
        };
    }
}
