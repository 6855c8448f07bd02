package io.diffusionad.benchmarks.card;

import io.diffusionad.nn.SegmentationConfig;
import io.diffusionad.nn.UNetConfig;

import java.util.List;

/**
 * How much {@link CardBenchmark} does.
 *
 * @param batches batch sizes of one-step inference
 * @param trainingBatch samples of a training step
 * @param microBatch of them at once in the UNet
 * @param repeats runs of everything that is timed
 * @param fullSize whether operations are those of the full-size networks; else one small shape of each kind
 * @param productSize rows and columns of the matrices whose product is the ceiling of arithmetic
 * @param copyMebibytes size of the copy that is the ceiling of memory
 */
record Profile(
        String name,
        UNetConfig unet,
        SegmentationConfig segmentation,
        List<Integer> batches,
        int trainingBatch,
        int microBatch,
        int repeats,
        boolean fullSize,
        int productSize,
        int copyMebibytes) {
    /** The full-size networks; minutes on a large card. */
    static final Profile FULL = new Profile(
            "full", UNetConfig.of(256, 128), SegmentationConfig.of(64), List.of(1, 8, 32), 16, 4, 20, true, 8192, 1024);
    /** A rehearsal of every part, for the emulated driver. */
    static final Profile TINY = new Profile(
            "tiny",
            new UNetConfig(32, 3, 32, List.of(1.0, 1.0), List.of(16), 1, 2, -1, true, 0),
            SegmentationConfig.of(4),
            List.of(1),
            2,
            1,
            1,
            false,
            64,
            1);

    static Profile named(String name) {
        return switch (name) {
            case "full" -> FULL;
            case "tiny" -> TINY;
            default -> throw new IllegalArgumentException("unknown profile '" + name + "': use full or tiny");
        };
    }
}
