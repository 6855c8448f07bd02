package io.diffusionad.testkit.libtorch;

import io.diffusionad.nn.ParameterStore;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** A network's parameters as LibTorch tensors under their {@code state_dict} names. */
public final class TorchParameters {
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    private TorchParameters() {}

    /**
     * Copies every entry of a network of ours but the batch counters.
     *
     * @param trainable whether autograd follows the trained ones
     */
    public static TorchParameters of(ParameterStore store, ScalarType type, boolean trainable) {
        TorchParameters parameters = new TorchParameters();
        for (String name : store.names()) {
            if (store.isBatchCounter(name)) {
                continue;
            }
            float[] floats = store.exportReference(name);
            double[] values = new double[floats.length];
            Arrays.setAll(values, i -> floats[i]);
            long[] shape =
                    Arrays.stream(store.referenceShape(name)).asLongStream().toArray();
            Tensor tensor = TorchTensors.of(values, type, shape);
            if (trainable && store.trainableNames().contains(name)) {
                tensor = tensor.detach().set_requires_grad(true);
            }
            parameters.tensors.put(name, tensor);
        }
        return parameters;
    }

    /** No parameters yet; {@link #put} adds them. */
    public static TorchParameters empty() {
        return new TorchParameters();
    }

    public boolean has(String name) {
        return tensors.containsKey(name);
    }

    public Tensor get(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("no parameter " + name);
        }
        return tensor;
    }

    TensorOptional optional(String name) {
        return new TensorOptional(get(name));
    }

    /** Adds an entry, or replaces it, for instance by a copy of another type or memory format. */
    public void put(String name, Tensor tensor) {
        tensors.put(name, tensor);
    }

    public Iterable<String> names() {
        return tensors.keySet();
    }
}
