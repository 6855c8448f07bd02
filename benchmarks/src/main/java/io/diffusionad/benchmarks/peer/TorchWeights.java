package io.diffusionad.benchmarks.peer;

import io.diffusionad.io.ElementType;
import io.diffusionad.io.SafeTensorsReader;
import io.diffusionad.testkit.libtorch.TorchParameters;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;

/** A checkpoint's weights for LibTorch, read one by one as they are taken, and the forms that it is fastest with. */
final class TorchWeights {
    static final String UNET = "unet.";
    static final String SEGMENTATION = "segmentation.";
    private static final double EPS = 1e-5;

    private final Path checkpoint;
    private final boolean channelsLast;
    private final Map<String, long[]> shapes = new LinkedHashMap<>();
    /** What folding changed. */
    private final Map<String, float[]> changed = new HashMap<>();

    private TorchWeights(Path checkpoint, boolean channelsLast) {
        this.checkpoint = checkpoint;
        this.channelsLast = channelsLast;
    }

    static TorchWeights of(Path checkpoint, boolean channelsLast) throws IOException {
        TorchWeights weights = new TorchWeights(checkpoint, channelsLast);
        try (SafeTensorsReader reader = SafeTensorsReader.open(checkpoint)) {
            for (String name : reader.names()) {
                if (reader.type(name) == ElementType.F32) {
                    weights.shapes.put(
                            name,
                            Arrays.stream(reader.shape(name)).asLongStream().toArray());
                }
            }
        }
        return weights;
    }

    /** Folds every batch normalisation in evaluation mode into the convolution before it, as freezing a model does. */
    void foldBatchNorms() throws IOException {
        try (SafeTensorsReader reader = SafeTensorsReader.open(checkpoint)) {
            for (String mean : shapes.keySet().stream()
                    .filter(name -> name.endsWith(".running_mean"))
                    .toList()) {
                String norm = mean.substring(0, mean.length() - ".running_mean".length());
                int dot = norm.lastIndexOf('.');
                fold(reader, norm, norm.substring(0, dot + 1) + (Integer.parseInt(norm.substring(dot + 1)) - 1));
                shapes.keySet().removeIf(name -> name.startsWith(norm + "."));
            }
        }
    }

    private void fold(SafeTensorsReader reader, String norm, String convolution) throws IOException {
        float[] weight = reader.tensor(convolution + ".weight").toFloats();
        float[] bias = reader.tensor(convolution + ".bias").toFloats();
        float[] gamma = reader.tensor(norm + ".weight").toFloats();
        float[] beta = reader.tensor(norm + ".bias").toFloats();
        float[] mean = reader.tensor(norm + ".running_mean").toFloats();
        float[] var = reader.tensor(norm + ".running_var").toFloats();
        int fanIn = weight.length / bias.length;
        for (int c = 0; c < bias.length; c++) {
            double scale = gamma[c] / Math.sqrt(var[c] + EPS);
            bias[c] = (float) (beta[c] + scale * (bias[c] - mean[c]));
            for (int i = c * fanIn; i < (c + 1) * fanIn; i++) {
                weight[i] *= (float) scale;
            }
        }
        changed.put(convolution + ".weight", weight);
        changed.put(convolution + ".bias", bias);
    }

    /**
     * One network's parameters.
     *
     * @param network {@link #UNET} or {@link #SEGMENTATION}
     * @param finish last touch: the type, whether autograd follows
     */
    TorchParameters take(String network, BiFunction<String, Tensor, Tensor> finish) throws IOException {
        TorchParameters parameters = TorchParameters.empty();
        try (SafeTensorsReader reader = SafeTensorsReader.open(checkpoint)) {
            for (String name : shapes.keySet().stream()
                    .filter(each -> each.startsWith(network))
                    .toList()) {
                float[] folded = changed.remove(name);
                parameters.put(
                        name.substring(network.length()),
                        finish.apply(
                                name,
                                tensor(
                                        folded != null
                                                ? folded
                                                : reader.tensor(name).toFloats(),
                                        shapes.get(name))));
            }
        }
        return parameters;
    }

    private Tensor tensor(float[] values, long[] shape) {
        Tensor tensor = Tensor.create(values, shape);
        return channelsLast && shape.length == 4 ? tensor.contiguous(MemoryFormat.ChannelsLast) : tensor;
    }

    /**
     * Whether a parameter of that name takes the network's precision: those of convolutions and linear layers; norms
     * stay float32.
     */
    boolean takesPrecision(String name) {
        String weight = name.substring(0, name.lastIndexOf('.')) + ".weight";
        return shapes.get(weight).length >= 2;
    }
}
