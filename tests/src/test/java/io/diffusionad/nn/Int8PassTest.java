package io.diffusionad.nn;

import io.diffusionad.device.DecoratedDevice;
import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.device.Transfers;
import io.diffusionad.ops.OperationProfile;
import io.diffusionad.ops.ProfiledOps;
import io.diffusionad.random.PhiloxRandom;
import io.diffusionad.random.Purpose;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.testkit.reference.ReferenceDevice;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The UNet in int8 beside itself in float32, on the float64 reference and on the CPU. */
class Int8PassTest {
    /**
     * Relative L2 distance allowed. An activation of 255 steps over SiLU's range and a weight of 127 err by about 1 %
     * of their RMS together at each of the network's ten int8 convolutions; errors of that kind add up in squares.
     */
    private static final double BOUND = 0.04;

    private static final int[] SHAPE = {2, 8, 12, 3};
    private static final UNetConfig CONFIG = new UNetConfig(8, 3, 32, List.of(1.0, 2.0), List.of(4), 1, 2, -1, true, 0);

    @Test
    void theReferenceStaysNearFloat32() {
        check(ReferenceDevice.exact(), DType.FLOAT32);
    }

    @Test
    void theCpuStaysNearFloat32() {
        try (Device cpu = Devices.open("cpu", new DeviceOptions(2, "own"))) {
            Assumptions.assumeTrue(cpu.computesInt8(), "this processor has no AVX2");
            check(cpu, DType.FLOAT32);
            check(cpu, DType.BFLOAT16);
        }
    }

    private static void check(Device device, DType activations) {
        try (Network network = new Network(device)) {
            RangeRecorder recorder = new RangeRecorder();
            float[] wide = network.run(network.pass(DType.FLOAT32).measuringRanges(recorder));
            assertEquals(network.unet.int8Layers(), recorder.ranges().byLayer().keySet());
            float[] int8 = network.run(network.pass(activations).withInt8(recorder.ranges()));
            double distance = distance(int8, wide);
            assertTrue(
                    distance > 0 && distance <= BOUND,
                    device.name() + " " + activations + ": relative distance " + distance + " to float32");
        }
    }

    @Test
    void everyResidualConvolutionAndNoOtherRunsInInt8() {
        ReferenceDevice reference = ReferenceDevice.exact();
        try (Network network = new Network(reference)) {
            assertEquals(network.unet.int8Layers().size(), convolutionsInInt8(reference));
        }
    }

    @Test
    void aConvolutionThatGainsNothingKeepsItsType() {
        assertEquals(0, convolutionsInInt8(gaining((kernel, height, width, inputs, outputs) -> false)));
        int large = convolutionsInInt8(
                gaining((kernel, height, width, inputs, outputs) -> height == SHAPE[1] && width == SHAPE[2]));
        int small = convolutionsInInt8(
                gaining((kernel, height, width, inputs, outputs) -> height == SHAPE[1] / 2 && width == SHAPE[2] / 2));
        assertTrue(large > 0 && small > 0, large + " and " + small);
        assertEquals(convolutionsInInt8(ReferenceDevice.exact()), large + small);
        int widening = convolutionsInInt8(gaining((kernel, height, width, inputs, outputs) -> inputs < outputs));
        int others = convolutionsInInt8(gaining((kernel, height, width, inputs, outputs) -> inputs >= outputs));
        assertTrue(widening > 0 && others > widening, widening + " and " + others);
    }

    @Test
    void theCpuGainsInLargeConvolutions() {
        try (Device cpu = Devices.open("cpu", new DeviceOptions(1, "own"))) {
            assertEquals(cpu.computesInt8(), cpu.gainsFromInt8(DType.FLOAT32, 3, 64, 64, 128, 128));
            assertEquals(cpu.computesInt8(), cpu.gainsFromInt8(DType.BFLOAT16, 3, 64, 64, 128, 128));
        }
    }

    private interface Gain {
        boolean of(int kernel, int height, int width, int inputs, int outputs);

        /** @param arguments of {@link Device#gainsFromInt8} */
        default boolean of(Object... arguments) {
            return of(
                    (int) arguments[1], (int) arguments[2], (int) arguments[3], (int) arguments[4], (int) arguments[5]);
        }
    }

    /** The reference, gaining from int8 where a test says so. */
    private static Device gaining(Gain gain) {
        Device reference = ReferenceDevice.exact();
        return (Device) Proxy.newProxyInstance(
                Device.class.getClassLoader(),
                new Class<?>[] {Device.class},
                (proxy, method, arguments) -> method.getName().equals("gainsFromInt8")
                        ? (Object) gain.of(arguments)
                        : method.invoke(reference, arguments));
    }

    private static int convolutionsInInt8(Device device) {
        return calls("conv2dForwardQuantized", device);
    }

    /** Of one operation in an int8 pass. */
    private static int calls(String operation, Device device) {
        ProfiledOps profiled = DecoratedDevice.profiling(device);
        try (Network network = new Network(new DecoratedDevice(device, profiled))) {
            RangeRecorder recorder = new RangeRecorder();
            network.run(network.pass(DType.FLOAT32).measuringRanges(recorder));
            profiled.profile().clear();
            network.run(network.pass(DType.FLOAT32).withInt8(recorder.ranges()));
            return Math.toIntExact(profiled.profile().byOperation().stream()
                    .filter(entry -> entry.operation().equals(operation))
                    .mapToLong(OperationProfile.Entry::calls)
                    .sum());
        }
    }

    @Test
    void skipsAreRoundedWhereThatGains() {
        ReferenceDevice reference = ReferenceDevice.exact();
        try (Network network = new Network(reference)) {
            long skips = network.unet.parameters().names().stream()
                    .filter(name -> name.endsWith(".skip_connection.weight"))
                    .count();
            assertEquals(skips, calls("conv2dForwardRounded", reference));
        }
        Device kernelOfThree = gaining((kernel, height, width, inputs, outputs) -> kernel == 3);
        assertEquals(0, calls("conv2dForwardRounded", kernelOfThree));
        assertEquals(convolutionsInInt8(reference), convolutionsInInt8(kernelOfThree));
    }

    @Test
    void aPassThatSavesRefuses() {
        try (Network network = new Network(ReferenceDevice.exact())) {
            Pass training = Pass.training(network.device.ops(), network.workspace, DType.FLOAT32);
            assertThrows(IllegalArgumentException.class, () -> training.withInt8(new ActivationRanges(Map.of())));
        }
    }

    @Test
    void aLayerThatWasNotMeasuredIsNamed() {
        try (Network network = new Network(ReferenceDevice.exact())) {
            Pass pass = network.pass(DType.FLOAT32).withInt8(new ActivationRanges(Map.of()));
            String message = assertThrows(IllegalArgumentException.class, () -> network.run(pass))
                    .getMessage();
            assertTrue(message.contains("down.1.0.in_layers.2"), message);
        }
    }

    @Test
    void rangesGrowWithWhatIsSeen() {
        try (Network network = new Network(ReferenceDevice.exact())) {
            RangeRecorder recorder = new RangeRecorder();
            network.run(network.pass(DType.FLOAT32).measuringRanges(recorder));
            Map<String, ActivationRanges.Range> first =
                    new HashMap<>(recorder.ranges().byLayer());
            network.unet.parameters().importReference("down.1.0.in_layers.0.bias", filled(32, 99, 5));
            network.run(network.pass(DType.FLOAT32).measuringRanges(recorder));
            recorder.ranges().byLayer().forEach((layer, range) -> {
                assertTrue(
                        range.least() <= first.get(layer).least()
                                && range.greatest() >= first.get(layer).greatest(),
                        layer);
            });
            assertTrue(recorder.ranges().byLayer().get("down.1.0.in_layers.2").greatest()
                    > first.get("down.1.0.in_layers.2").greatest());
        }
    }

    private static double distance(float[] actual, float... expected) {
        double squares = 0;
        double norm = 0;
        for (int i = 0; i < expected.length; i++) {
            squares += Math.pow((double) actual[i] - expected[i], 2);
            norm += Math.pow(expected[i], 2);
        }
        return Math.sqrt(squares / norm);
    }

    private static float[] filled(int count, long stream, double scale) {
        PhiloxRandom random = new PhiloxRandom(17, Purpose.TEST, stream);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (scale * random.nextGaussian());
        }
        return values;
    }

    /** A small network with every parameter random, on some device. */
    private static final class Network implements AutoCloseable {
        final Device device;
        final Arena arena;
        final Workspace workspace;
        final UNet unet;

        Network(Device device) {
            this.device = device;
            arena = device.newArena("parameters");
            workspace = new Workspace(device, "int8 test");
            unet = new UNet(CONFIG, device, arena, false);
            long stream = 0;
            Set<String> names = Set.copyOf(unet.parameters().names());
            for (String name : unet.parameters().names()) {
                int[] shape = unet.parameters().referenceShape(name);
                int count = unet.parameters().parameter(name).elements();
                boolean matrix = shape.length > 1;
                float[] values = filled(count, stream++, matrix ? Math.sqrt((double) shape[0] / count) : 0.2);
                boolean normScale =
                        !matrix && name.endsWith(".weight") && names.contains(name.replace(".weight", ".bias"));
                for (int i = 0; normScale && i < count; i++) {
                    values[i] += 1;
                }
                unet.parameters().importReference(name, values);
            }
        }

        Pass pass(DType activations) {
            return Pass.inference(device.ops(), workspace, activations);
        }

        float[] run(Pass pass) {
            try (var scope = workspace.main().scope()) {
                Tensor x = workspace.main().float32(SHAPE);
                Transfers.upload(device, x, filled(Math.toIntExact(x.elements()), 1000, 1));
                return Transfers.toFloats(device, unet.forward(pass, x, pass.upload(200, 400)));
            }
        }

        @Override
        public void close() {
            workspace.close();
            arena.close();
        }
    }
}
