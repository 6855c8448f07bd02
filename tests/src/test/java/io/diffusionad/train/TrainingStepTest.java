package io.diffusionad.train;

import io.diffusionad.data.SampleSource;
import io.diffusionad.data.TrainingSample;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.nn.ParameterStore;
import io.diffusionad.nn.ParameterStore.Slab;
import io.diffusionad.nn.SegmentationConfig;
import io.diffusionad.nn.SegmentationNetwork;
import io.diffusionad.nn.UNet;
import io.diffusionad.nn.UNetConfig;
import io.diffusionad.nn.Workspace;
import io.diffusionad.ops.LossOps.SegmentationLoss;
import io.diffusionad.plan.PlanningDevice;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class TrainingStepTest {
    private static final TrainingSettings SETTINGS = TrainingSettings.DEFAULT.withBatch(3, 1);

    private final TinyTraining training = new TinyTraining(Devices.open("cpu", DeviceOptions.DEFAULT));

    @AfterEach
    void close() {
        training.close();
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "3"})
    void leanAndFastGradientsAreIdentical(int microBatch) {
        Losses lean = training.gradients(SETTINGS.withBatch(3, microBatch).withMemory(MemoryMode.LEAN));
        float[] expected = training.gradientValues();
        Losses fast = training.gradients(SETTINGS.withBatch(3, microBatch).withMemory(MemoryMode.FAST));
        assertEquals(lean, fast);
        assertArrayEquals(expected, training.gradientValues());
    }

    /** Up to the order of float32 sums over micro-batches. */
    @ParameterizedTest
    @CsvSource({"1", "2"})
    void gradientsDoNotDependOnTheMicroBatch(int microBatch) {
        Losses whole = training.gradients(SETTINGS.withBatch(3, 3));
        float[] expected = training.gradientValues();
        Losses pieces = training.gradients(SETTINGS.withBatch(3, microBatch));
        assertEquals(whole.total(), pieces.total(), 1e-5 * whole.total());
        assertTrue(relativeDifference(expected, training.gradientValues()) < 1e-4);
    }

    @Test
    void batchWithoutNormalSamplesHasNoNoiseLoss() {
        SampleSource anomalous = index -> {
            TrainingSample sample = TinyTraining.samples().sample(3 * index + 1);
            assertTrue(sample.anomalous());
            return sample;
        };
        Losses losses = training.gradients(SETTINGS, anomalous, 0);
        assertEquals(0, losses.noise());
        assertTrue(losses.total() > 0 && losses.finite(), losses::toString);
        for (float gradient : training.gradientValues()) {
            assertTrue(Float.isFinite(gradient));
        }
    }

    @Test
    void totalIsTheWeightedSum() {
        Losses losses = training.gradients(SETTINGS);
        assertTrue(losses.noise() > 0 && losses.focal() > 0 && losses.smoothL1() > 0, losses::toString);
        assertEquals(losses.noise() + 5 * losses.focal() + losses.smoothL1(), losses.total(), 1e-12);
    }

    /**
     * Adam's first step moves every weight by its learning rate against the sign of its gradient: the two networks'
     * rates show.
     */
    @Test
    void firstUpdateMovesEachNetworkByItsRate() {
        training.gradients(SETTINGS);
        TrainingStep step = new TrainingStep(
                training.unet,
                training.segmentation,
                TinyTraining.SCHEDULE,
                training.workspace,
                training.device.ops(),
                SETTINGS);
        float[] unetBefore = training.unet.parameters().exportReference("out.2.weight");
        float[] segmentationBefore =
                training.segmentation.parameters().exportReference("decoder_segment.fin_out.0.weight");
        step.update(0);
        assertMoved(1e-4, unetBefore, training.unet.parameters(), "out.2.weight");
        assertMoved(1e-5, segmentationBefore, training.segmentation.parameters(), "decoder_segment.fin_out.0.weight");
    }

    /**
     * Of the noise loss alone: batch normalisation over the tiny segmentation network's few pixels magnifies bfloat16's
     * rounding beyond comparison.
     */
    @Test
    void mixedPrecisionGradientsFollowThoseOfFloat32() {
        TrainingSettings noiseOnly = new TrainingSettings(
                0,
                3,
                3,
                MemoryMode.FAST,
                DType.FLOAT32,
                1e-4,
                1e-5,
                10,
                0,
                300,
                1,
                new SegmentationLoss(0.5f, 4f, 0f, 0f));
        Losses full = training.gradients(noiseOnly);
        float[] expected = training.gradientValues();
        Losses mixed = training.gradients(noiseOnly.withActivations(DType.BFLOAT16));
        assertEquals(full.total(), mixed.total(), 1e-2 * full.total());
        double relative = relativeDifference(expected, training.gradientValues());
        assertTrue(relative < 0.03, () -> "relative difference of the gradients " + relative);
    }

    /**
     * The full-size networks at batch 16: parameters, moments and activations in 12 GB, which leaves room for a
     * backend's packed weights below 16.
     */
    @Test
    void fullSizeLeanStepIsBoundedInMemory() {
        PlanningDevice plan = new PlanningDevice();
        try (Arena arena = plan.newArena("parameters");
                Workspace workspace = new Workspace(plan, "full size")) {
            UNet unet = new UNet(UNetConfig.of(256, 128), plan, arena, true);
            SegmentationNetwork segmentation = new SegmentationNetwork(SegmentationConfig.of(64), plan, arena, true);
            TrainingSettings settings = TrainingSettings.DEFAULT;
            int n = settings.batch();
            StepInputs inputs = new StepInputs(
                    workspace.main().float32(n, 256, 256, 3),
                    workspace.main().float32(n, 256, 256, 1),
                    new boolean[n],
                    new long[n],
                    new long[n],
                    workspace.main().float32(2 * n, 256, 256, 3));
            new TrainingStep(unet, segmentation, TinyTraining.SCHEDULE, workspace, plan.ops(), settings)
                    .computeGradients(inputs);
            assertTrue(plan.peakMemory() < 12_000_000_000L, () -> "peak memory " + plan.peakMemory());
        }
    }

    @Test
    void impossibleSettingsAreRefusedInOneSentence() {
        assertRefused("micro-batch 4 is out of range: choose 1 to 3", () -> SETTINGS.withBatch(3, 4));
        assertRefused("learning rate NaN of the UNet", () -> SETTINGS.withRates(Double.NaN, 1e-5));
        assertRefused("learning rate 0.0 of the segmentation network", () -> SETTINGS.withRates(1e-4, 0));
        TrainingSettings late = new TrainingSettings(
                0, 1, 1, MemoryMode.LEAN, DType.FLOAT32, 1e-4, 1e-5, 10, 0, 1000, 1, SETTINGS.segmentationLoss());
        assertRefused("the noise schedule has only 1000 timesteps", () -> training.trainer(late));
    }

    private void assertMoved(double rate, float[] before, ParameterStore store, String name) {
        float[] after = store.exportReference(name);
        float[] gradient = store.exportReference(Slab.GRADIENTS, name);
        int moved = 0;
        for (int i = 0; i < before.length; i++) {
            if (Math.abs(gradient[i]) > 1e-4) {
                assertEquals(-Math.signum(gradient[i]) * rate, after[i] - (double) before[i], 0.01 * rate);
                moved++;
            }
        }
        assertTrue(moved > 0, "no gradient is large enough in " + name);
    }

    /** In the Euclidean norm. */
    private static double relativeDifference(float[] expected, float[] actual) {
        double difference = 0;
        double square = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += Math.pow((double) actual[i] - expected[i], 2);
            square += Math.pow(expected[i], 2);
        }
        assertTrue(square > 1e-6, "no gradient");
        return Math.sqrt(difference / square);
    }

    private static void assertRefused(String sentence, Runnable action) {
        String message = assertThrows(InvalidInputException.class, action::run).getMessage();
        assertTrue(message.contains(sentence) && !message.contains("\n"), message);
    }
}
