package io.diffusionad.libtorch;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
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
import io.diffusionad.testkit.Tolerance;
import io.diffusionad.testkit.Values;
import io.diffusionad.testkit.libtorch.EagerLayers;
import io.diffusionad.testkit.libtorch.TorchParameters;
import io.diffusionad.testkit.libtorch.TorchSegmentation;
import io.diffusionad.testkit.libtorch.TorchTensors;
import io.diffusionad.testkit.libtorch.TorchUNet;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.DoubleStream;

/**
 * Both networks on the CPU device, float32 and bfloat16: against LibTorch in float64, errors at most 2x (forward) and
 * 3x (backward) those of LibTorch in the same precision.
 */
class CpuNetworksTest {
    private static final long[] TIMESTEPS = {7, 803};

    /** Output, gradient by the input, and the gradients of all parameters in the store's order. */
    private record Results(double[] output, double[] inputGradient, double[] parameterGradients) {}

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void unet(DType precision) {
        UNetConfig config = new UNetConfig(16, 3, 32, List.of(1.0, 2.0), List.of(16, 8), 1, 4, -1, true, 0);
        float[] image = floats(Values.normal(1), 2 * 16 * 16 * 3, 0);
        float[] outputGradient = floats(Values.normal(1), image.length, 1);
        int[] shape = {2, 16, 16, 3};
        try (Device device = Devices.open("cpu", new DeviceOptions(2, "own"));
                Arena arena = device.newArena("parameters");
                Workspace workspace = new Workspace(device, "test");
                PointerScope scope = new PointerScope()) {
            UNet ours = new UNet(config, device, arena, true);
            RandomParameters.fill(ours.parameters());
            ours.parameters().zeroGradients();
            Pass pass = Pass.training(device.ops(), workspace, precision);
            Tensor y = ours.forward(pass, pass.upload(shape, image), pass.upload(TIMESTEPS));
            Tensor dx = pass.float32(shape);
            ours.backward(pass, dx, pass.upload(shape, outputGradient));
            Results actual = results(device, y, dx, ours.parameters());

            BiFunction<TorchParameters, org.bytedeco.pytorch.Tensor, org.bytedeco.pytorch.Tensor> forward =
                    (parameters, x) -> new TorchUNet<>(config, new EagerLayers(parameters))
                            .forward(
                                    x,
                                    TorchTensors.of(new double[] {TIMESTEPS[0], TIMESTEPS[1]}, ScalarType.Double, 2));
            compare(precision, actual, forward, ours.parameters(), shape, image, shape, outputGradient);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void segmentation(DType precision) {
        int[] shape = {2, 64, 32, 6};
        int[] outputShape = {2, 64, 32, 1};
        float[] image = floats(Values.uniform(0, 1), 2 * 64 * 32 * 6, 0);
        float[] outputGradient = floats(Values.normal(1), 2 * 64 * 32, 1);
        try (Device device = Devices.open("cpu", new DeviceOptions(2, "own"));
                Arena arena = device.newArena("parameters");
                Workspace workspace = new Workspace(device, "test");
                PointerScope scope = new PointerScope()) {
            SegmentationNetwork ours = new SegmentationNetwork(new SegmentationConfig(6, 1, 16), device, arena, true);
            RandomParameters.fill(ours.parameters());
            ours.parameters().zeroGradients();
            Pass pass = Pass.training(device.ops(), workspace, precision);
            Tensor y = ours.forward(pass, pass.upload(shape, image), true);
            Tensor dx = pass.float32(shape);
            ours.backward(pass, dx, 0, pass.upload(outputShape, outputGradient));
            Results actual = results(device, y, dx, ours.parameters());
            compare(
                    precision,
                    actual,
                    (parameters, x) -> new TorchSegmentation<>(new EagerLayers(parameters)).forward(x, true),
                    ours.parameters(),
                    shape,
                    image,
                    outputShape,
                    outputGradient);
        }
    }

    private static void compare(
            DType precision,
            Results actual,
            BiFunction<TorchParameters, org.bytedeco.pytorch.Tensor, org.bytedeco.pytorch.Tensor> forward,
            ParameterStore store,
            int[] shape,
            float[] image,
            int[] outputShape,
            float[] outputGradient) {
        Results exact = torch(ScalarType.Double, forward, store, shape, image, outputShape, outputGradient);
        Results naive = torch(
                precision == DType.FLOAT32 ? ScalarType.Float : ScalarType.BFloat16,
                forward,
                store,
                shape,
                image,
                outputShape,
                outputGradient);
        Tolerance.FORWARD.check("output", actual.output, exact.output, naive.output, precision);
        Tolerance.BACKWARD.check(
                "input gradient", actual.inputGradient, exact.inputGradient, naive.inputGradient, precision);
        Tolerance.BACKWARD.check(
                "parameter gradients",
                actual.parameterGradients,
                exact.parameterGradients,
                naive.parameterGradients,
                precision);
    }

    private static Results torch(
            ScalarType type,
            BiFunction<TorchParameters, org.bytedeco.pytorch.Tensor, org.bytedeco.pytorch.Tensor> forward,
            ParameterStore store,
            int[] shape,
            float[] image,
            int[] outputShape,
            float[] outputGradient) {
        TorchParameters parameters = TorchParameters.of(store, type, true);
        var x = TorchTensors.ofNhwc(doubles(image), type, shape).detach().set_requires_grad(true);
        var y = forward.apply(parameters, x);
        y.to(ScalarType.Double)
                .mul(TorchTensors.ofNhwc(doubles(outputGradient), ScalarType.Double, outputShape))
                .sum()
                .backward();
        return new Results(
                TorchTensors.toNhwc(y),
                TorchTensors.toNhwc(x.grad()),
                store.trainableNames().stream()
                        .flatMapToDouble(name -> DoubleStream.of(
                                TorchTensors.toDoubles(parameters.get(name).grad())))
                        .toArray());
    }

    private static Results results(Device device, Tensor y, Tensor dx, ParameterStore store) {
        return new Results(
                doubles(Transfers.toFloats(device, y)),
                doubles(Transfers.toFloats(device, dx)),
                store.trainableNames().stream()
                        .flatMapToDouble(name ->
                                DoubleStream.of(doubles(store.exportReference(ParameterStore.Slab.GRADIENTS, name))))
                        .toArray());
    }

    private static float[] floats(Values values, int count, int operand) {
        double[] filled = values.fill(count, 11, operand);
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = (float) filled[i];
        }
        return floats;
    }

    private static double[] doubles(float[] floats) {
        double[] values = new double[floats.length];
        Arrays.setAll(values, i -> floats[i]);
        return values;
    }
}
