package io.diffusionad.libtorch;

import io.diffusionad.nn.ParameterStore;
import io.diffusionad.nn.SegmentationConfig;
import io.diffusionad.nn.SegmentationNetwork;
import io.diffusionad.nn.UNet;
import io.diffusionad.nn.UNetConfig;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.testkit.Tolerance;
import io.diffusionad.testkit.Values;
import io.diffusionad.testkit.libtorch.EagerLayers;
import io.diffusionad.testkit.libtorch.FrozenModule;
import io.diffusionad.testkit.libtorch.TorchParameters;
import io.diffusionad.testkit.libtorch.TorchSegmentation;
import io.diffusionad.testkit.libtorch.TorchTensors;
import io.diffusionad.testkit.libtorch.TorchUNet;
import io.diffusionad.testkit.reference.ReferenceDevice;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/**
 * Frozen modules against the eager networks that they are written from: errors at most twice the eager one's, both
 * against float64.
 */
class FrozenModuleTest {
    /** The first call is profiled, the second is specialised. */
    private static final int CALLS = 3;

    private final ReferenceDevice device = ReferenceDevice.exact();

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void unet(DType precision) {
        for (UNetConfig config : LibTorchNetworksTest.configurations()) {
            try (Arena arena = device.newArena("parameters")) {
                UNet ours = new UNet(config, device, arena, false);
                Tensor t = TorchTensors.of(new double[] {7, 803}, ScalarType.Float, 2);
                compare(
                        "UNet " + config,
                        precision,
                        ours.parameters(),
                        new int[] {2, config.imageSize(), config.imageSize(), 3},
                        (parameters, x) -> new TorchUNet<>(config, new EagerLayers(parameters)).forward(x, t),
                        parameters -> {
                            FrozenModule module = FrozenModule.of(
                                    parameters, layers -> new TorchUNet<>(config, layers).forward("x", "t"), "x", "t");
                            return x -> module.forward(x, t);
                        });
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void segmentation(DType precision) {
        try (Arena arena = device.newArena("parameters")) {
            SegmentationNetwork ours = new SegmentationNetwork(new SegmentationConfig(6, 1, 4), device, arena, false);
            compare(
                    "segmentation",
                    precision,
                    ours.parameters(),
                    new int[] {2, 32, 64, 6},
                    (parameters, x) -> new TorchSegmentation<>(new EagerLayers(parameters)).forward(x, false),
                    parameters -> FrozenModule.of(
                            parameters, layers -> new TorchSegmentation<>(layers).forward("x", false), "x")::forward);
        }
    }

    /** A frozen network, from parameters. */
    private interface Freezing {
        UnaryOperator<Tensor> of(TorchParameters parameters);
    }

    private static void compare(
            String what,
            DType precision,
            ParameterStore store,
            int[] shape,
            BiFunction<TorchParameters, Tensor, Tensor> eager,
            Freezing freezing) {
        RandomParameters.fill(store);
        double[] image = Values.normal(1).fill(shape[0] * shape[1] * shape[2] * shape[3], 1, 0);
        ScalarType type = precision == DType.FLOAT32 ? ScalarType.Float : ScalarType.BFloat16;
        try (InferenceMode inference = new InferenceMode(true);
                PointerScope scope = new PointerScope()) {
            double[] exact = TorchTensors.toNhwc(eager.apply(
                    TorchParameters.of(store, ScalarType.Double, false),
                    TorchTensors.ofNhwc(image, ScalarType.Double, shape)));
            TorchParameters parameters = TorchParameters.of(store, type, false);
            Tensor x = TorchTensors.ofNhwc(image, type, shape);
            double[] naive = TorchTensors.toNhwc(eager.apply(parameters, x));
            UnaryOperator<Tensor> frozen = freezing.of(parameters);
            for (int call = 0; call < CALLS; call++) {
                Tolerance.FORWARD.check(
                        what + ", call " + call, TorchTensors.toNhwc(frozen.apply(x)), exact, naive, precision);
            }
        }
    }
}
