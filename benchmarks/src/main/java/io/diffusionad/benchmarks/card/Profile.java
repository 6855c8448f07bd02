package io.diffusionad.benchmarks.card;

/**
 * How much {@link CardBenchmark} does.
 *
 * @param imageSize side of the images of the network benchmarks
 * @param base channels of the UNet's first level
 * @param segmentation channels of the segmentation network's first level
 * @param batches batch sizes of one-step inference
 * @param trainingBatch samples of a training step
 * @param microBatch of them at once in the UNet
 * @param repeats runs of everything that is timed
 * @param everyOperation one in this many of the full-size operations is timed
 */
record Profile(String name, int imageSize, int base, int segmentation, int[] batches, int trainingBatch, int microBatch, int repeats, int everyOperation) {
    /** The full-size networks; minutes on a large card. */
    static final Profile FULL = new Profile("full", 256, 128, 64, new int[] {1, 8, 32}, 16, 4, 20, 1);
    /** A rehearsal of every part, for the emulated driver. */
    static final Profile TINY = new Profile("tiny", 32, 32, 4, new int[] {1, 2}, 2, 1, 1, 0);

    static Profile named(String name) {
        return switch (name) {
            case "full" -> FULL;
            case "tiny" -> TINY;
            default -> throw new IllegalArgumentException("unknown profile '" + name + "': use full or tiny");
        };
    }
}
