package io.diffusionad.app;

import io.diffusionad.app.run.Preset;
import io.diffusionad.app.run.RunSettings;
import io.diffusionad.app.run.TrainingPlan;
import io.diffusionad.tensor.DType;
import io.diffusionad.train.MemoryMode;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class TrainingPlanTest {
    @Test
    void theFullSizeNetworksAreCountedAsThePaperDoes() {
        TrainingPlan plan = plan(Preset.PAPER.settings());
        assertEquals(131_654_403L + 28_373_569L, plan.parameters());
        // Values, gradients and two moments of every parameter in float32, and packed copies for the forward and the
        // backward pass of all that convolve.
        assertTrue(
                plan.parameterBytes() >= plan.parameters() * 23
                        && plan.parameterBytes() < plan.parameters() * 24 * 1.02,
                "" + plan);
        // Per sample: the UNet at two scales forward twice and backward (2x a forward), the segmentation forward and
        // backward.
        double expected = 16 * (2 * 4 * 557e9 + 3 * 76e9);
        assertTrue(Math.abs(plan.flop() / expected - 1) < 0.05, plan.flop() / expected + " of what is expected");
        assertTrue(
                plan.memory() < 16L << 30, "lean training of the full-size networks takes " + plan.memory() + " bytes");
    }

    @Test
    void smallerMicroBatchesAndLeanModeNeedLessMemory() {
        RunSettings tiny = Preset.TINY.settings();
        long one = plan(tiny).activationBytes();
        long four = plan(tiny.toBuilder().microBatch(4).build()).activationBytes();
        long everything = plan(tiny.toBuilder().memory(MemoryMode.FAST).build()).activationBytes();
        assertTrue(one < four && four < everything, one + ", " + four + ", " + everything);
    }

    @Test
    void judgingNeedsLessThanTheStepThatItFollows() {
        TrainingPlan plan = plan(Preset.PAPER.settings());
        assertTrue(plan.judgementBytes() > 0 && plan.judgementBytes() < plan.activationBytes(), "" + plan);
        assertEquals(plan.memory(), plan.parameterBytes() + plan.activationBytes() + plan.judgementBytes());
    }

    private static TrainingPlan plan(RunSettings settings) {
        return TrainingPlan.of(settings.model(), settings.training(DType.FLOAT32));
    }
}
