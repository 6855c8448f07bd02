package io.diffusionad.nn;

import io.diffusionad.device.Transfers;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.testkit.reference.ReferenceDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Properties of the UNet on the float64 reference device; agreement with recordings is the verification's business. */
class UNetTest {
    private final ReferenceDevice device = ReferenceDevice.exact();
    private final Arena arena = device.newArena("parameters");
    private final Workspace workspace = new Workspace(device, "unet test");

    @AfterEach
    void close() {
        workspace.close();
        arena.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void backwardIsTheDerivativeOfForward(boolean bigganUpDown) {
        UNet unet = network(bigganUpDown);
        int[] shape = {2, 6, 4, 3};
        Tensor x = filled(11, shape);
        Tensor weights = filled(12, shape);
        Tensor dx = workspace.main().float32(shape);
        try (var scope = workspace.main().scope()) {
            Pass pass = Pass.training(device.ops(), workspace, DType.FLOAT32);
            unet.forward(pass, x, pass.upload(3, 700));
            unet.parameters().zeroGradients();
            unet.backward(pass, dx, weights);
        }
        DirectionalDerivative.check("x", device, x, device.read(dx), 13, () -> loss(unet, x, weights));
        DirectionalDerivative.checkParameters(device, unet.parameters(), () -> loss(unet, x, weights));
    }

    @Test
    void inferenceGivesWhatASavingPassGivesAndReleasesEverythingElse() {
        UNet unet = network(true);
        Tensor x = filled(21, 1, 4, 6, 3);
        Tensor t = Pass.inference(device.ops(), workspace, DType.FLOAT32).upload(500);
        long before = workspace.main().used();
        Tensor y = unet.forward(Pass.inference(device.ops(), workspace, DType.FLOAT32), x, t);
        double[] inferred = device.read(y);
        assertEquals(
                before + Arena.ALIGNMENT * ((y.bytes() + Arena.ALIGNMENT - 1) / Arena.ALIGNMENT),
                workspace.main().used());
        assertArrayEquals(
                inferred, device.read(unet.forward(Pass.training(device.ops(), workspace, DType.FLOAT32), x, t)));
    }

    @Test
    void samplesOfABatchDoNotMix() {
        UNet unet = network(true);
        Tensor x = filled(31, 3, 4, 4, 3);
        Pass pass = Pass.inference(device.ops(), workspace, DType.FLOAT32);
        double[] together =
                device.read(unet.forward(pass, x, pass.upload(5, 300, 999)).slice(1, 2));
        assertArrayEquals(together, device.read(unet.forward(pass, x.slice(1, 2), pass.upload(300))));
    }

    @Test
    void probeSeesEveryBlockInOrder() {
        UNet unet = network(true);
        List<String> blocks = new ArrayList<>();
        Pass pass = Pass.inference(device.ops(), workspace, DType.FLOAT32).withProbe((name, tensor) -> {
            tensor.checkLive();
            blocks.add(name);
        });
        unet.forward(pass, filled(41, 1, 4, 4, 3), pass.upload(0));
        assertEquals(
                List.of(
                        "time_embedding",
                        "down.0",
                        "down.1",
                        "down.2",
                        "down.3",
                        "middle",
                        "up.0",
                        "up.1",
                        "up.2",
                        "up.3"),
                blocks);
    }

    @Test
    void freshNetworkPredictsZeroBecauseItsLastLayerStartsAtZero() {
        UNet unet = new UNet(config(true), device, arena, false);
        unet.parameters().initialise(3);
        Pass pass = Pass.inference(device.ops(), workspace, DType.FLOAT32);
        assertArrayEquals(
                new double[4 * 4 * 3], device.read(unet.forward(pass, filled(51, 1, 4, 4, 3), pass.upload(10))));
    }

    @Test
    void inputsThatDoNotFitAreRefused() {
        UNet unet = new UNet(config(true), device, arena, false);
        Pass pass = Pass.inference(device.ops(), workspace, DType.FLOAT32);
        assertRefused("multiples of 2", () -> unet.forward(pass, filled(61, 1, 5, 4, 3), pass.upload(0)));
        assertRefused("float32[N,H,W,3]", () -> unet.forward(pass, filled(62, 1, 4, 4, 4), pass.upload(0)));
        assertRefused("one int64 timestep an image", () -> unet.forward(pass, filled(63, 2, 4, 4, 3), pass.upload(0)));
    }

    private static UNetConfig config(boolean bigganUpDown) {
        return new UNetConfig(8, 3, 32, List.of(1.0, 2.0), List.of(4), 1, 2, -1, bigganUpDown, 0);
    }

    /** With every parameter random, the zero-initialised ones too. */
    private UNet network(boolean bigganUpDown) {
        UNet unet = new UNet(config(bigganUpDown), device, arena, true);
        long stream = 1000;
        for (String name : unet.parameters().names()) {
            int[] shape = unet.parameters().referenceShape(name);
            double[] values = DirectionalDerivative.random(
                    unet.parameters().parameter(name).elements(), stream++);
            float[] scaled = new float[values.length];
            double scale = shape.length == 1 ? 0.3 : Math.sqrt(3.0 * shape[0] / values.length);
            for (int i = 0; i < values.length; i++) {
                scaled[i] = (float) (scale * values[i] + (name.endsWith(".weight") && shape.length == 1 ? 1 : 0));
            }
            unet.parameters().importReference(name, scaled);
        }
        return unet;
    }

    private double loss(UNet unet, Tensor x, Tensor weights) {
        try (var scope = workspace.main().scope()) {
            Pass pass = Pass.inference(device.ops(), workspace, DType.FLOAT32);
            double[] y = device.read(unet.forward(pass, x, pass.upload(3, 700)));
            double[] w = device.read(weights);
            double sum = 0;
            for (int i = 0; i < y.length; i++) {
                sum += y[i] * w[i];
            }
            return sum;
        }
    }

    private Tensor filled(long stream, int... dims) {
        Tensor tensor = workspace.main().float32(dims);
        double[] values = DirectionalDerivative.random(Math.toIntExact(tensor.elements()), stream);
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        Transfers.upload(device, tensor, floats);
        return tensor;
    }

    private static void assertRefused(String sentence, Runnable action) {
        String message =
                assertThrows(IllegalArgumentException.class, action::run).getMessage();
        assertTrue(message.contains(sentence), message);
    }
}
