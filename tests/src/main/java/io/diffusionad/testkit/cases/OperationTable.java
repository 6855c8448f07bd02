package io.diffusionad.testkit.cases;

import io.diffusionad.testkit.OperationCase;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The one list of operation cases behind the correctness tests of every device and the benchmarks. */
public final class OperationTable {
    /** Only cases whose name contains this: {@code -Ddiffusionad.test.case='conv2dForward 1x8'}. */
    private static final String SELECTION = System.getProperty("diffusionad.test.case", "");

    /** Seeds every case's values; another one by {@code -Ddiffusionad.test.seed=N}. */
    public static final long SEED = Long.getLong("diffusionad.test.seed", 20230814);

    private OperationTable() {}

    /** Every operation over small, awkward shapes: milliseconds each. */
    public static List<OperationCase> cases() {
        List<OperationCase> table = new ArrayList<>();
        ConvolutionCases.addTo(table::add);
        NormalizationCases.addTo(table::add);
        QuantizedCases.addTo(table::add);
        AttentionCases.addTo(table::add);
        ResampleCases.addTo(table::add);
        LinearCases.addTo(table::add);
        ElementwiseCases.addTo(table::add);
        DiffusionCases.addTo(table::add);
        LossCases.addTo(table::add);
        return table;
    }

    /**
     * Convolutions forward and by data, large enough for algorithms that small ones never take: up to a second each on
     * the reference.
     */
    public static List<OperationCase> largeConvolutions() {
        List<OperationCase> table = new ArrayList<>();
        ConvolutionCases.addLargeTo(table::add);
        return table;
    }

    /**
     * Every distinct operation of the full-size networks at 256x256, forward and backward, for benchmarks: too big for
     * the reference to check quickly.
     *
     * @param samples batch size
     */
    public static List<OperationCase> fullSizeCases(int samples) {
        return FullSizeCases.of(samples);
    }

    /**
     * Of all cases, large convolutions included, those that {@code -Ddiffusionad.test.case} selects: all, unless it is
     * set.
     */
    public static List<OperationCase> selected() {
        return selected(Stream.concat(cases().stream(), largeConvolutions().stream()));
    }

    /** The same and convolutions of sizes that only the CPU's loops tell apart. */
    public static List<OperationCase> selectedForCpu() {
        List<OperationCase> more = new ArrayList<>();
        ConvolutionCases.addFewTilesTo(more::add);
        QuantizedCases.addLargeTo(more::add);
        return Stream.concat(selected().stream(), selected(more.stream()).stream())
                .toList();
    }

    private static List<OperationCase> selected(Stream<OperationCase> cases) {
        return cases.filter(c -> c.name().contains(SELECTION)).toList();
    }
}
