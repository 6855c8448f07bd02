package io.diffusionad.benchmarks.peer;

import io.diffusionad.io.ElementType;
import io.diffusionad.io.SafeTensorsReader;
import io.diffusionad.testkit.libtorch.TorchParameters;
import io.diffusionad.testkit.libtorch.TorchTensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;

/** A checkpoint's weights for LibTorch, as values by name, and the forms that it is fastest with. */
final class TorchWeights {
    static final String UNET = "unet.";
    static final String SEGMENTATION = "segmentation.";
    private static final double EPS = 1e-5;

    private final Map<String, float[]> values = new LinkedHashMap<>();
    private final Map<String, long[]> shapes = new LinkedHashMap<>();
    private final boolean channelsLast;

    private TorchWeights(boolean channelsLast) {
        this.channelsLast = channelsLast;
    }

    static TorchWeights read(Path checkpoint, boolean channelsLast) throws IOException {
        TorchWeights weights = new TorchWeights(channelsLast);
        try (SafeTensorsReader reader = SafeTensorsReader.open(checkpoint)) {
            for (String name : reader.names()) {
                if (reader.type(name) == ElementType.F32) {
                    weights.values.put(name, reader.tensor(name).toFloats());
                    weights.shapes.put(name, Arrays.stream(reader.shape(name)).asLongStream().toArray());
                }
            }
        }
        return weights;
    }

    /** Folds every batch normalisation in evaluation mode into the convolution before it, as freezing a model does. */
    void foldBatchNorms() {
        for (String mean : values.keySet().stream().filter(name -> name.endsWith(".running_mean")).toList()) {
            String norm = mean.substring(0, mean.length() - ".running_mean".length());
            int dot = norm.lastIndexOf('.');
            String convolution = norm.substring(0, dot + 1) + (Integer.parseInt(norm.substring(dot + 1)) - 1);
            float[] weight = values.get(convolution + ".weight");
            float[] bias = values.get(convolution + ".bias");
            float[] gamma = values.remove(norm + ".weight");
            float[] beta = values.remove(norm + ".bias");
            float[] runningMean = values.remove(mean);
            float[] runningVar = values.remove(norm + ".running_var");
            int fanIn = weight.length / bias.length;
            for (int c = 0; c < bias.length; c++) {
                double scale = gamma[c] / Math.sqrt(runningVar[c] + EPS);
                bias[c] = (float) (beta[c] + scale * (bias[c] - runningMean[c]));
                for (int i = c * fanIn; i < (c + 1) * fanIn; i++) {
                    weight[i] *= (float) scale;
                }
            }
        }
    }

    /**
     * One network's parameters; the values are given up.
     *
     * @param network {@link #UNET} or {@link #SEGMENTATION}
     * @param finish last touch: the type, whether autograd follows
     */
    TorchParameters take(String network, BiFunction<String, Tensor, Tensor> finish) {
        TorchParameters parameters = TorchParameters.empty();
        for (String name : values.keySet().stream().filter(each -> each.startsWith(network)).toList()) {
            float[] floats = values.get(name);
            double[] doubles = new double[floats.length];
            Arrays.setAll(doubles, i -> floats[i]);
            Tensor tensor = TorchTensors.of(doubles, ScalarType.Float, shapes.get(name));
            if (channelsLast && shapes.get(name).length == 4) {
                tensor = tensor.contiguous(MemoryFormat.ChannelsLast);
            }
            parameters.put(name.substring(network.length()), finish.apply(name, tensor));
        }
        values.keySet().removeIf(each -> each.startsWith(network));
        return parameters;
    }

    /** Whether a parameter of that name takes the network's precision: those of convolutions and linear layers; norms stay float32. */
    boolean takesPrecision(String name) {
        String weight = name.substring(0, name.lastIndexOf('.')) + ".weight";
        return shapes.get(weight).length >= 2;
    }
}
