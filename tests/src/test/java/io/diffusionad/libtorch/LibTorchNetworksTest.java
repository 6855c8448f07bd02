package io.diffusionad.libtorch;

import io.diffusionad.device.Transfers;
import io.diffusionad.nn.ParameterStore;
import io.diffusionad.nn.Pass;
import io.diffusionad.nn.SegmentationConfig;
import io.diffusionad.nn.SegmentationNetwork;
import io.diffusionad.nn.UNet;
import io.diffusionad.nn.UNetConfig;
import io.diffusionad.nn.Workspace;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.testkit.Values;
import io.diffusionad.testkit.libtorch.EagerLayers;
import io.diffusionad.testkit.libtorch.TorchParameters;
import io.diffusionad.testkit.libtorch.TorchSegmentation;
import io.diffusionad.testkit.libtorch.TorchTensors;
import io.diffusionad.testkit.libtorch.TorchUNet;
import io.diffusionad.testkit.reference.ReferenceDevice;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Arrays;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * Both networks of ours on the float64 reference device against the same networks on LibTorch in float64: outputs,
 * input gradients, every parameter's gradient and the running statistics. Agreement to nine digits leaves no room for a
 * different formula.
 */
class LibTorchNetworksTest {
    /** Relative to the largest element; what is exported as float32 is rounded once. */
    private static final double EXACT = 1e-9;

    private static final double ROUNDED = 1e-7;
    /** Gradients that vanish by construction, as a bias's before a norm, are rounding noise of terms of size one. */
    private static final double NOISE = 1e-11;

    private final ReferenceDevice device = ReferenceDevice.exact();

    static List<UNetConfig> configurations() {
        return List.of(
                new UNetConfig(16, 3, 32, List.of(1.0, 2.0), List.of(16, 8), 1, 4, -1, true, 0),
                new UNetConfig(16, 3, 32, List.of(1.0, 2.0), List.of(8), 1, 2, -1, false, 0),
                new UNetConfig(8, 3, 32, List.of(1.0, 1.0, 3.0), List.of(4), 2, 4, 16, true, 0));
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void unet(UNetConfig config) {
        int n = 2;
        int size = config.imageSize();
        double[] image = Values.normal(1).fill(n * size * size * 3, 1, 0);
        double[] outputGradient = Values.normal(1).fill(image.length, 1, 1);
        try (PointerScope scope = new PointerScope();
                Arena arena = device.newArena("parameters");
                Workspace workspace = new Workspace(device, "test")) {
            UNet ours = new UNet(config, device, arena, true);
            RandomParameters.fill(ours.parameters());
            ours.parameters().zeroGradients();
            Pass pass = Pass.training(device.ops(), workspace, DType.FLOAT32);
            Tensor x = tensor(pass, image, n, size, size, 3);
            Tensor y = ours.forward(pass, x, pass.upload(7, 803));
            Tensor dx = pass.float32(x.dims());

            TorchParameters parameters = TorchParameters.of(ours.parameters(), ScalarType.Double, true);
            org.bytedeco.pytorch.Tensor torchX = TorchTensors.ofNhwc(device.read(x), ScalarType.Double, x.dims())
                    .detach()
                    .set_requires_grad(true);
            org.bytedeco.pytorch.Tensor torchY = new TorchUNet<>(config, new EagerLayers(parameters))
                    .forward(torchX, TorchTensors.of(new double[] {7, 803}, ScalarType.Double, 2));
            assertNear("output", EXACT, TorchTensors.toNhwc(torchY), device.read(y));

            Tensor dy = tensor(pass, outputGradient, y.dims());
            torchY.mul(TorchTensors.ofNhwc(device.read(dy), ScalarType.Double, y.dims()))
                    .sum()
                    .backward();
            ours.backward(pass, dx, dy);
            assertNear("input gradient", EXACT, TorchTensors.toNhwc(torchX.grad()), device.read(dx));
            assertGradients(parameters, ours.parameters());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void segmentation(boolean training) {
        int n = 2;
        double[] image = Values.uniform(0, 1).fill(n * 32 * 64 * 6, 2, 0);
        try (PointerScope scope = new PointerScope();
                Arena arena = device.newArena("parameters");
                Workspace workspace = new Workspace(device, "test")) {
            SegmentationNetwork ours = new SegmentationNetwork(new SegmentationConfig(6, 1, 4), device, arena, true);
            RandomParameters.fill(ours.parameters());
            ours.parameters().zeroGradients();
            TorchParameters parameters = TorchParameters.of(ours.parameters(), ScalarType.Double, true);
            Pass pass = training
                    ? Pass.training(device.ops(), workspace, DType.FLOAT32)
                    : Pass.inference(device.ops(), workspace, DType.FLOAT32);
            Tensor x = tensor(pass, image, n, 32, 64, 6);
            Tensor y = ours.forward(pass, x, training);

            org.bytedeco.pytorch.Tensor torchX = TorchTensors.ofNhwc(device.read(x), ScalarType.Double, x.dims())
                    .detach()
                    .set_requires_grad(true);
            org.bytedeco.pytorch.Tensor torchY =
                    new TorchSegmentation<>(new EagerLayers(parameters)).forward(torchX, training);
            // Evaluation mode folds the norms into the convolutions' weights, which are float32.
            assertNear("output", training ? EXACT : 10 * ROUNDED, TorchTensors.toNhwc(torchY), device.read(y));
            if (training) {
                Tensor dy = tensor(pass, Values.normal(1).fill((int) y.elements(), 2, 1), y.dims());
                torchY.mul(TorchTensors.ofNhwc(device.read(dy), ScalarType.Double, y.dims()))
                        .sum()
                        .backward();
                Tensor dx = pass.float32(n, 32, 64, 3);
                ours.backward(pass, dx, 3, dy);
                assertNear(
                        "gradient of the reconstruction",
                        EXACT,
                        TorchTensors.toNhwc(torchX.grad().narrow(1, 3, 3)),
                        device.read(dx));
                assertGradients(parameters, ours.parameters());
            }
            assertRunningStatistics(parameters, ours.parameters());
        }
    }

    private static void assertGradients(TorchParameters torch, ParameterStore ours) {
        for (String name : ours.trainableNames()) {
            double[] expected = TorchTensors.toDoubles(torch.get(name).grad());
            assertNear(
                    "gradient of " + name,
                    ROUNDED,
                    expected,
                    doubles(ours.exportReference(ParameterStore.Slab.GRADIENTS, name)));
        }
    }

    private static void assertRunningStatistics(TorchParameters torch, ParameterStore ours) {
        for (String name : torch.names()) {
            if (!ours.trainableNames().contains(name)) {
                assertNear(name, ROUNDED, TorchTensors.toDoubles(torch.get(name)), doubles(ours.exportReference(name)));
            }
        }
    }

    private Tensor tensor(Pass pass, double[] values, int... dims) {
        Tensor tensor = pass.float32(dims);
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        Transfers.upload(device, tensor, floats);
        return tensor;
    }

    private static double[] doubles(float[] floats) {
        double[] values = new double[floats.length];
        Arrays.setAll(values, i -> floats[i]);
        return values;
    }

    /** Largest difference relative to the largest expected element. */
    static void assertNear(String what, double bound, double[] expected, double[] actual) {
        assertEquals(expected.length, actual.length, what);
        double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        for (int i = 0; i < expected.length; i++) {
            double error = Math.abs(actual[i] - expected[i]);
            if (!(error <= bound * largest + NOISE)) {
                throw new AssertionError("%s: element %d is %.12g, LibTorch has %.12g, of largest %.3g"
                        .formatted(what, i, actual[i], expected[i], largest));
            }
        }
    }
}
