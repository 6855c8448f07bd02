package io.diffusionad.testkit.libtorch;

import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

import java.util.Arrays;
import java.util.function.Function;

/**
 * A network as a frozen TorchScript module, for inference: its weights are constants of its graph. LibTorch observes
 * the first call and specialises the graph in the second.
 */
public final class FrozenModule {
    private final JitModule module;

    private FrozenModule(JitModule module) {
        this.module = module;
    }

    /**
     * Writes a network down and freezes it.
     *
     * @param parameters float32 or bfloat16
     * @param network writes its layers and returns the name of its result
     * @param inputs names by which the network reads its inputs
     */
    public static FrozenModule of(
            TorchParameters parameters, Function<Layers<String>, String> network, String... inputs) {
        ScriptLayers layers = new ScriptLayers(parameters);
        String result = network.apply(layers);
        JitModule module = layers.module(result, inputs);
        module.eval();
        return new FrozenModule(torch.freeze(module));
    }

    /** @param inputs in the order of their names */
    public Tensor forward(Tensor... inputs) {
        return TorchScope.keepingResult(() -> {
            IValue[] arguments = Arrays.stream(inputs).map(IValue::new).toArray(IValue[]::new);
            return new Tensor(module.forward(new IValueVector(arguments))
                    .toTensor()); // a reference of its own: toTensor's ends with the IValue
        });
    }
}
