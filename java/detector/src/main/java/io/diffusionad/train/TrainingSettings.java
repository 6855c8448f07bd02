package io.diffusionad.train;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.ops.LossOps.SegmentationLoss;
import io.diffusionad.tensor.DType;

/**
 * How to train; the defaults are the reference's (SPEC §8).
 *
 * @param seed governs timesteps and noise, with the sample's number
 * @param batch samples a step
 * @param microBatch samples whose UNet passes (two noised images each) are in memory at once, 1 … batch
 * @param memory whether forward passes are kept or repeated
 * @param activations FLOAT32, or BFLOAT16 for mixed precision with float32 master weights
 * @param unetRate learning rate of the UNet, constant
 * @param segmentationRate largest learning rate of the segmentation network, which follows a cosine
 * @param annealingSteps T_max, steps in which that cosine falls to 0 before it rises again: 10 in the reference, the
 *     whole run for a single fall
 * @param weightDecay added to gradients, times the weight
 * @param timestepSplit small timesteps are drawn below, big ones from here on
 * @param guidance weight of the norm guidance
 * @param segmentationLoss shape and weights of the segmentation network's loss
 */
public record TrainingSettings(
        long seed,
        int batch,
        int microBatch,
        MemoryMode memory,
        DType activations,
        double unetRate,
        double segmentationRate,
        int annealingSteps,
        double weightDecay,
        int timestepSplit,
        double guidance,
        SegmentationLoss segmentationLoss) {
    public static final TrainingSettings DEFAULT = new TrainingSettings(
            0, 16, 1, MemoryMode.LEAN, DType.FLOAT32, 1e-4, 1e-5, 10, 0, 300, 1, SegmentationLoss.DEFAULT);

    /** @throws InvalidInputException for values out of range, with the range */
    public TrainingSettings {
        require(batch > 0, "the batch must hold at least one sample, not " + batch);
        require(
                microBatch > 0 && microBatch <= batch,
                "micro-batch " + microBatch + " is out of range: choose 1 to " + batch + ", the batch");
        require(
                unetRate > 0 && unetRate < 1,
                "learning rate " + unetRate + " of the UNet is out of range: choose a number above 0 and below 1");
        require(
                segmentationRate > 0 && segmentationRate < 1,
                "learning rate " + segmentationRate
                        + " of the segmentation network is out of range: choose a number above 0 and below 1");
        require(
                annealingSteps > 0,
                "the segmentation network's learning rate needs at least 1 step to fall, not " + annealingSteps);
        require(
                weightDecay >= 0 && weightDecay < 1,
                "weight decay " + weightDecay + " is out of range: choose a number from 0 to below 1");
        require(timestepSplit > 0, "small timesteps need a range: the split must be above 0, not " + timestepSplit);
        require(
                guidance >= 0 && guidance <= 1000,
                "guidance weight " + guidance + " is out of range: choose 0 to 1000, usually 1");
    }

    public TrainingSettings withSeed(long value) {
        return new TrainingSettings(
                value,
                batch,
                microBatch,
                memory,
                activations,
                unetRate,
                segmentationRate,
                annealingSteps,
                weightDecay,
                timestepSplit,
                guidance,
                segmentationLoss);
    }

    public TrainingSettings withBatch(int value, int micro) {
        return new TrainingSettings(
                seed,
                value,
                micro,
                memory,
                activations,
                unetRate,
                segmentationRate,
                annealingSteps,
                weightDecay,
                timestepSplit,
                guidance,
                segmentationLoss);
    }

    public TrainingSettings withMemory(MemoryMode value) {
        return new TrainingSettings(
                seed,
                batch,
                microBatch,
                value,
                activations,
                unetRate,
                segmentationRate,
                annealingSteps,
                weightDecay,
                timestepSplit,
                guidance,
                segmentationLoss);
    }

    public TrainingSettings withActivations(DType value) {
        return new TrainingSettings(
                seed,
                batch,
                microBatch,
                memory,
                value,
                unetRate,
                segmentationRate,
                annealingSteps,
                weightDecay,
                timestepSplit,
                guidance,
                segmentationLoss);
    }

    public TrainingSettings withRates(double unet, double segmentation) {
        return new TrainingSettings(
                seed,
                batch,
                microBatch,
                memory,
                activations,
                unet,
                segmentation,
                annealingSteps,
                weightDecay,
                timestepSplit,
                guidance,
                segmentationLoss);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new InvalidInputException(message);
        }
    }
}
