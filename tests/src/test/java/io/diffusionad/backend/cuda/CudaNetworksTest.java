package io.diffusionad.backend.cuda;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.device.Transfers;
import io.diffusionad.diffusion.NoiseSchedule;
import io.diffusionad.nn.ParameterStore;
import io.diffusionad.nn.ParameterStore.Slab;
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
import io.diffusionad.testkit.reference.ReferenceDevice;
import io.diffusionad.train.Losses;
import io.diffusionad.train.StepInputs;
import io.diffusionad.train.TrainingSettings;
import io.diffusionad.train.TrainingStep;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Whole networks on the CUDA device: the same code and weights as on the reference devices, outputs and all gradients
 * compared.
 */
@RequiresCuda
class CudaNetworksTest {
    private static final long SEED = 20230814;
    /**
     * Rounding decides single ReLUs and maxima, and each such decision moves gradients by more than the rounding
     * itself.
     */
    private static final Tolerance WITH_KINKS = new Tolerance(10, 0);

    @ParameterizedTest
    @CsvSource({"FLOAT32, true", "FLOAT32, false", "BFLOAT16, true", "BFLOAT16, false"})
    void unetAgreesWithTheReference(DType precision, boolean bigganUpDown) {
        assumeTrue(
                precision == DType.FLOAT32 || GpuProperties.of(0).hasTensorCores(),
                "attention in bfloat16 is for cards with tensor cores");
        compare(precision, Tolerance.BACKWARD, device -> unet(device, precision, bigganUpDown));
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT32", "BFLOAT16"})
    void segmentationAgreesWithTheReference(DType precision) {
        compare(precision, WITH_KINKS, device -> segmentation(device, precision));
    }

    @Test
    void sameSeedSameBits() {
        List<Losses> first = new ArrayList<>();
        List<Losses> second = new ArrayList<>();
        assertArrayEquals(train(2, first), train(2, second));
        assertEquals(first, second);
    }

    private interface Network {
        Map<String, double[]> run(Device device);
    }

    private static void compare(DType precision, Tolerance tolerance, Network network) {
        Map<String, double[]> exact = network.run(ReferenceDevice.exact());
        Map<String, double[]> naive = network.run(ReferenceDevice.naive());
        Map<String, double[]> actual;
        try (Device device = Devices.open("cuda", DeviceOptions.DEFAULT)) {
            actual = network.run(device);
        }
        exact.forEach((name, values) ->
                tolerance.check(name + " " + precision, actual.get(name), values, naive.get(name), precision));
    }

    private static Map<String, double[]> unet(Device device, DType precision, boolean bigganUpDown) {
        UNetConfig config = new UNetConfig(16, 3, 32, List.of(1.0, 2.0), List.of(8), 1, 2, -1, bigganUpDown, 0);
        int[] shape = {2, 16, 8, 3};
        try (Arena arena = device.newArena("parameters");
                Workspace workspace = new Workspace(device, "test")) {
            UNet unet = new UNet(config, device, arena, true);
            randomise(unet.parameters());
            Tensor x = filled(device, arena, 1, shape);
            Tensor dy = filled(device, arena, 2, shape);
            Tensor dx = arena.float32(shape);
            Pass pass = Pass.training(device.ops(), workspace, precision);
            Tensor y = unet.forward(pass, x, pass.upload(3, 700));
            Map<String, double[]> results = new LinkedHashMap<>();
            results.put("output", read(device, y));
            unet.parameters().zeroGradients();
            unet.backward(pass, dx, dy);
            results.put("input gradient", read(device, dx));
            addGradients(results, device, unet.parameters());
            return results;
        }
    }

    private static Map<String, double[]> segmentation(Device device, DType precision) {
        int[] shape = {6, 32, 32, 6}; // the deepest maps have one pixel: batch normalisation needs several samples
        try (Arena arena = device.newArena("parameters");
                Workspace workspace = new Workspace(device, "test")) {
            SegmentationNetwork network = new SegmentationNetwork(SegmentationConfig.of(4), device, arena, true);
            randomise(network.parameters());
            Tensor x = filled(device, arena, 3, shape);
            Map<String, double[]> results = new LinkedHashMap<>();
            results.put(
                    "evaluation",
                    read(device, network.forward(Pass.inference(device.ops(), workspace, precision), x, false)));
            Pass pass = Pass.training(device.ops(), workspace, precision);
            Tensor y = network.forward(pass, x, true);
            results.put("output", read(device, y));
            network.parameters().zeroGradients();
            Tensor dx = arena.float32(6, 32, 32, 3);
            network.backward(pass, dx, 3, filled(device, arena, 4, y.dims()));
            results.put("input gradient", read(device, dx));
            addGradients(results, device, network.parameters());
            return results;
        }
    }

    private static float[] train(int steps, List<Losses> losses) {
        try (Device device = Devices.open("cuda", DeviceOptions.DEFAULT);
                Arena arena = device.newArena("parameters");
                Workspace workspace = new Workspace(device, "step")) {
            UNet unet = new UNet(
                    new UNetConfig(32, 3, 32, List.of(1.0, 1.0), List.of(16), 1, 2, -1, true, 0), device, arena, true);
            SegmentationNetwork segmentation = new SegmentationNetwork(SegmentationConfig.of(4), device, arena, true);
            unet.parameters().initialise(1);
            segmentation.parameters().initialise(2);
            TrainingStep step = new TrainingStep(
                    unet,
                    segmentation,
                    NoiseSchedule.linear(1000),
                    workspace,
                    device.ops(),
                    TrainingSettings.DEFAULT.withBatch(2, 1));
            for (int i = 0; i < steps; i++) {
                try (var scope = arena.scope()) {
                    Tensor images = filled(device, arena, 10 + 3 * i, 2, 32, 32, 3);
                    Tensor masks = arena.float32(2, 32, 32, 1);
                    device.ops().fill(masks, 0.25f);
                    Tensor noise = filled(device, arena, 11 + 3 * i, 4, 32, 32, 3);
                    losses.add(step.computeGradients(new StepInputs(
                            images,
                            masks,
                            new boolean[] {false, true},
                            new long[] {20 * i, 299},
                            new long[] {300 + 20 * i, 999},
                            noise)));
                    step.update(i);
                }
            }
            return Transfers.toFloats(device, unet.parameters().slab(Slab.VALUES));
        }
    }

    /** Every parameter random, those too that start at zero. */
    private static void randomise(ParameterStore parameters) {
        parameters.initialise(1); // running statistics
        int stream = 100;
        for (String name : parameters.trainableNames()) {
            int[] shape = parameters.referenceShape(name);
            int count = Math.toIntExact(parameters.parameter(name).elements());
            boolean vector = shape.length == 1;
            double[] values = Values.normal(vector ? 0.1 : Math.sqrt((double) shape[0] / count))
                    .fill(count, SEED, stream++);
            float[] floats = new float[count];
            for (int i = 0; i < count; i++) {
                floats[i] = (float) (values[i] + (vector && name.endsWith(".weight") ? 1 : 0));
            }
            parameters.importReference(name, floats);
        }
    }

    private static Tensor filled(Device device, Arena arena, int stream, int... dims) {
        Tensor tensor = arena.float32(dims);
        double[] values = Values.normal(1).fill(Math.toIntExact(tensor.elements()), SEED, stream);
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        Transfers.upload(device, tensor, floats);
        return tensor;
    }

    private static void addGradients(Map<String, double[]> results, Device device, ParameterStore parameters) {
        for (String name : parameters.trainableNames()) {
            results.put("gradient of " + name, read(device, parameters.gradient(name)));
        }
    }

    private static double[] read(Device device, Tensor tensor) {
        if (device instanceof ReferenceDevice reference) {
            return reference.read(tensor);
        }
        float[] floats = Transfers.toFloats(device, tensor);
        double[] values = new double[floats.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = floats[i];
        }
        return values;
    }
}
