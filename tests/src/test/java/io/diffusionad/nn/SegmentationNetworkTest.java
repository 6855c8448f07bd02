package io.diffusionad.nn;

import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.testkit.reference.ReferenceDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.Arrays;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Properties of the segmentation network on the float64 reference device; agreement with recordings is the
 * verification's business.
 */
class SegmentationNetworkTest {
    private static final int[] INPUT = {2, 64, 32, 6};

    private final ReferenceDevice device = ReferenceDevice.exact();
    private final Arena arena = device.newArena("parameters");
    private final Workspace workspace = new Workspace(device, "segmentation test");
    private final SegmentationNetwork network = new SegmentationNetwork(SegmentationConfig.of(2), device, arena, true);

    @AfterEach
    void close() {
        workspace.close();
        arena.close();
    }

    @Test
    void backwardIsTheDerivativeOfForward() {
        network.parameters().initialise(5);
        Tensor x = filled(1, INPUT);
        Tensor weights = filled(2, 2, 64, 32, 1);
        Tensor dx = workspace.main().float32(INPUT);
        Tensor dTail = workspace.main().float32(2, 64, 32, 3);
        backward(x, dx, 0, weights);
        double[] gradients = device.read(network.parameters().slab(ParameterStore.Slab.GRADIENTS));
        network.parameters().zeroGradients();
        backward(x, dTail, 3, weights);
        assertArrayEquals(gradients, device.read(network.parameters().slab(ParameterStore.Slab.GRADIENTS)));
        double[] whole = device.read(dx);
        double[] tail = device.read(dTail);
        for (int pixel = 0; pixel < tail.length / 3; pixel++) {
            for (int c = 0; c < 3; c++) {
                assertEquals(
                        whole[pixel * 6 + 3 + c],
                        tail[pixel * 3 + c],
                        "gradient of the reconstruction at pixel " + pixel);
            }
        }
        DirectionalDerivative.check("x", device, x, whole, 3, () -> loss(x, weights));
        DirectionalDerivative.checkParameters(device, network.parameters(), () -> loss(x, weights));
    }

    @Test
    void runningStatisticsMoveAndBatchesAreCounted() {
        network.parameters().initialise(6);
        String prefix = "decoder_segment.db4.4.";
        Tensor x = filled(4, INPUT);
        network.forward(Pass.inference(device.ops(), workspace, DType.FLOAT32), x, true);
        float[] mean = network.parameters().exportReference(prefix + "running_mean");
        assertTrue(mean[0] != 0 || mean[1] != 0, "the running mean stayed at 0");
        network.forward(Pass.inference(device.ops(), workspace, DType.FLOAT32), x, true);
        assertArrayEquals(new float[] {2}, network.parameters().exportReference(prefix + "num_batches_tracked"));
        network.forward(Pass.inference(device.ops(), workspace, DType.FLOAT32), x, false);
        assertArrayEquals(new float[] {2}, network.parameters().exportReference(prefix + "num_batches_tracked"));
    }

    /**
     * With running statistics equal to the batch's, evaluation mode must give what training mode gave, folded
     * convolutions or not.
     */
    @Test
    void foldedConvolutionsAgreeWithTrainingModeOnceStatisticsHaveConverged() {
        network.parameters().initialise(7);
        Tensor x = filled(5, 1, 64, 64, 6);
        double[] trained = null;
        for (int i = 0; i < 200; i++) {
            try (var scope = workspace.main().scope()) {
                trained = device.read(network.forward(Pass.inference(device.ops(), workspace, DType.FLOAT32), x, true));
            }
        }
        unbiasedToBiased();
        double[] evaluated =
                device.read(network.forward(Pass.inference(device.ops(), workspace, DType.FLOAT32), x, false));
        assertArrayEquals(trained, evaluated, 1e-5);
    }

    @Test
    void foldedConvolutionsFollowTheWeights() {
        network.parameters().initialise(8);
        Tensor x = filled(6, 1, 32, 32, 6);
        double[] before =
                device.read(network.forward(Pass.inference(device.ops(), workspace, DType.FLOAT32), x, false));
        network.parameters().initialise(9);
        double[] after = device.read(network.forward(Pass.inference(device.ops(), workspace, DType.FLOAT32), x, false));
        assertTrue(Arrays.mismatch(before, after) >= 0, "outputs stayed the same under other weights");
        network.parameters().initialise(8);
        assertArrayEquals(
                before, device.read(network.forward(Pass.inference(device.ops(), workspace, DType.FLOAT32), x, false)));
    }

    @Test
    void inputsThatDoNotFitAreRefused() {
        Pass pass = Pass.inference(device.ops(), workspace, DType.FLOAT32);
        assertThrows(IllegalArgumentException.class, () -> network.forward(pass, filled(7, 1, 48, 32, 6), false));
        assertThrows(IllegalArgumentException.class, () -> network.forward(pass, filled(8, 1, 32, 32, 3), false));
        Pass saving = Pass.training(device.ops(), workspace, DType.FLOAT32);
        assertThrows(IllegalArgumentException.class, () -> network.forward(saving, filled(9, 1, 32, 32, 6), false));
    }

    private void backward(Tensor x, Tensor dx, int firstChannel, Tensor dy) {
        try (var scope = workspace.main().scope()) {
            Pass pass = Pass.training(device.ops(), workspace, DType.FLOAT32);
            network.forward(pass, x, true);
            network.backward(pass, dx, firstChannel, dy);
        }
    }

    private double loss(Tensor x, Tensor weights) {
        try (var scope = workspace.main().scope()) {
            double[] y = device.read(network.forward(Pass.inference(device.ops(), workspace, DType.FLOAT32), x, true));
            double[] w = device.read(weights);
            double sum = 0;
            for (int i = 0; i < y.length; i++) {
                sum += y[i] * w[i];
            }
            return sum;
        }
    }

    /**
     * Running variances are unbiased estimates; the batch itself was normalised by the biased ones: n / (n - 1) apart,
     * n = pixels at the unit's level.
     */
    private void unbiasedToBiased() {
        for (String name : network.parameters().names()) {
            if (name.endsWith("running_var")) {
                int pixels = pixels(name);
                float[] variance = network.parameters().exportReference(name);
                for (int i = 0; i < variance.length; i++) {
                    variance[i] *= (pixels - 1f) / pixels;
                }
                network.parameters().importReference(name, variance);
            }
        }
    }

    private static int pixels(String name) {
        int level =
                switch (name.split("\\.")[1].replaceAll("^(up|db|block)", "")) {
                    case "1" -> name.startsWith("encoder") ? 0 : 3;
                    case "2" -> name.startsWith("encoder") ? 1 : 2;
                    case "3" -> name.startsWith("encoder") ? 2 : 1;
                    case "4" -> name.startsWith("encoder") ? 3 : 0;
                    case "5", "_b" -> 4;
                    case "6" -> 5;
                    default -> throw new IllegalArgumentException(name);
                };
        return (64 >> level) * (64 >> level);
    }

    private Tensor filled(long stream, int... dims) {
        Tensor tensor = workspace.main().float32(dims);
        device.write(tensor, DirectionalDerivative.random(Math.toIntExact(tensor.elements()), stream));
        return tensor;
    }
}
