package io.diffusionad.testkit.libtorch;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

import java.util.ArrayDeque;
import java.util.Deque;

/** The segmentation network on LibTorch, from SPEC §6. */
public final class TorchSegmentation {
    private static final int ENCODER_BLOCKS = 6;
    private static final String[] DECODER_STEPS = {"_b", "1", "2", "3", "4"};

    private final TorchLayers layers;

    public TorchSegmentation(TorchParameters parameters) {
        this.layers = new TorchLayers(parameters);
    }

    /**
     * @param x (N, 6, H, W)
     * @param training whether the batch's statistics normalise, and move the running ones in place
     * @return probabilities (N, 1, H, W)
     */
    public Tensor forward(Tensor x, boolean training) {
        Deque<Tensor> skips = new ArrayDeque<>();
        Tensor h = x;
        for (int block = 1; block <= ENCODER_BLOCKS; block++) {
            h = pair("encoder_segment.block" + block, block == 1 ? h : torch.max_pool2d(h, 2, 2), training);
            skips.push(h);
        }
        skips.pop();
        for (String step : DECODER_STEPS) {
            Tensor enlarged = torch.upsample_bilinear2d(h, new long[] {2 * h.size(2), 2 * h.size(3)}, true, new DoubleOptional(), new DoubleOptional());
            Tensor up = unit("decoder_segment.up" + step, 1, enlarged, training);
            h = pair("decoder_segment.db" + step, layers.concatenated(up, skips.pop()), training);
        }
        return torch.sigmoid(layers.convolution("decoder_segment.fin_out.0", h, 1));
    }

    private Tensor pair(String prefix, Tensor x, boolean training) {
        return unit(prefix, 3, unit(prefix, 0, x, training), training);
    }

    private Tensor unit(String prefix, int number, Tensor x, boolean training) {
        return TorchScope.keepingResult(() ->
                torch.relu(layers.batchNorm(prefix + "." + (number + 1), layers.convolution(prefix + "." + number, x, 1), training)));
    }
}
