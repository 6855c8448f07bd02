package io.diffusionad.benchmarks.suite;

import io.diffusionad.app.demo.DemoSettings;
import io.diffusionad.app.demodata.DemoDataGenerator.Counts;
import io.diffusionad.benchmarks.ReconstructionMethod;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.settings.ModelSettings;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * How much is measured; every number that decides how long a suite takes is here.
 *
 * @param parts that are measured unless others are asked for
 * @param detector trained for the curve when there is none
 * @param methods of the curve
 * @param latencySeconds of measurement a method and a detection row
 * @param qualitySeconds in all for the curve's quality: as many test images as that allows are evaluated, the same for
 *     every method
 * @param fewestImages that are evaluated even so
 * @param network of operations, processes and one-step peers
 * @param trainingNetwork of training steps
 * @param trainingBatch samples a step
 * @param batches of detection
 * @param processImages images a fresh JVM looks at
 * @param sizes to which images grow
 * @param widths of the reconstruction network
 * @param rounds of the peers
 * @param shared of processes that share the machine
 */
record BenchProfile(
        String name,
        Set<Section> parts,
        DemoSettings detector,
        List<String> methods,
        double latencySeconds,
        double qualitySeconds,
        int fewestImages,
        Network network,
        Network trainingNetwork,
        int trainingBatch,
        List<Integer> batches,
        int processImages,
        List<Integer> sizes,
        List<Integer> widths,
        int rounds,
        Shared shared) {
    /** Parts of a suite, by their names on the command line and in results. */
    enum Section {
        CURVE,
        OPERATIONS,
        TRAINING,
        DETECTION,
        SCALING,
        PEERS,
        SHARED
    }

    /** @param multipliers null for the reference's */
    record Network(int imageSize, int baseChannels, int segmentationChannels, List<Double> multipliers) {
        ModelSettings settings() {
            return ModelSettings.of(imageSize, baseChannels, segmentationChannels, multipliers);
        }
    }

    /**
     * @param batch samples a training step; detection looks at one image at a time
     * @param seconds of every situation, in every round
     */
    record Shared(Network network, int batch, double seconds, int rounds) {}

    /** The preset tiny's network: the smaller the work between two barriers, the more waiting at them costs. */
    private static final Network SMALL = new Network(64, 32, 16, null);

    /** Seconds: whether everything works. */
    static final BenchProfile TINY = new BenchProfile(
            "tiny",
            EnumSet.allOf(Section.class),
            DemoSettings.DEFAULT
                    .withModel(ModelSettings.of(32, 32, 4, List.of(1.0, 1.0)))
                    .withCounts(new Counts(8, 3, 8))
                    .withSteps(2),
            List.of("norm-guided", "ddim-2"),
            0.05,
            1,
            4,
            new Network(64, 32, 4, List.of(1.0, 1.0)),
            new Network(64, 32, 4, null),
            2,
            List.of(1, 2),
            2,
            List.of(32),
            List.of(32),
            2,
            new Shared(new Network(32, 32, 4, List.of(1.0, 1.0)), 1, 0.2, 1));

    /** Three minutes on two cores: the curve. */
    static final BenchProfile QUICK = new BenchProfile(
            "quick",
            EnumSet.of(Section.CURVE),
            DemoSettings.DEFAULT.withCounts(new Counts(40, 16, 24)).withSteps(90),
            ReconstructionMethod.NAMES,
            1.5,
            60,
            12,
            new Network(256, 128, 64, null),
            new Network(128, 64, 32, null),
            2,
            List.of(1, 4, 16),
            10,
            List.of(64, 128, 256),
            List.of(32, 64, 128),
            3,
            new Shared(SMALL, 4, 4, 3));

    /** Everything; about half an hour on two cores. */
    static final BenchProfile FULL = new BenchProfile(
            "full",
            EnumSet.allOf(Section.class),
            DemoSettings.DEFAULT,
            ReconstructionMethod.NAMES,
            5,
            240,
            24,
            new Network(256, 128, 64, null),
            new Network(128, 64, 32, null),
            4,
            List.of(1, 4, 16),
            40,
            List.of(64, 128, 256, 512, 1024),
            List.of(32, 64, 128),
            5,
            new Shared(SMALL, 4, 8, 5));

    BenchProfile withProcessImages(int images) {
        return new BenchProfile(
                name,
                parts,
                detector,
                methods,
                latencySeconds,
                qualitySeconds,
                fewestImages,
                network,
                trainingNetwork,
                trainingBatch,
                batches,
                images,
                sizes,
                widths,
                rounds,
                shared);
    }

    static BenchProfile named(String name) {
        return List.of(TINY, QUICK, FULL).stream()
                .filter(profile -> profile.name.equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new InvalidInputException("there is no profile '" + name + "': use quick, full or tiny"));
    }
}
