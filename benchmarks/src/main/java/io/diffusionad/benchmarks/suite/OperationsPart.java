package io.diffusionad.benchmarks.suite;

import io.diffusionad.benchmarks.BenchNetworks;
import io.diffusionad.benchmarks.Ceilings;
import io.diffusionad.benchmarks.OperationBenchmark;
import io.diffusionad.settings.Precision;
import io.diffusionad.tensor.DType;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Every distinct operation of the profile's networks, in inference and in training, beside ceilings measured in the
 * same minute.
 */
final class OperationsPart implements Part {
    private static final double SECONDS_A_PASS = 60;
    private static final Set<String> INT8_CONVOLUTIONS = Set.of("conv2dForwardQuantized", "conv2dForwardRounded");

    private final Setting setting;

    OperationsPart(Setting setting) {
        this.setting = setting;
    }

    @Override
    public double plannedSeconds() {
        return setting.precisions().stream()
                        .mapToInt(precision -> trainings(precision).size())
                        .sum()
                * SECONDS_A_PASS;
    }

    @Override
    public Results measure(Results results, Meter meter) {
        long start = System.nanoTime();
        double load = Machine.load();
        List<Results.WholePass> passes = new ArrayList<>();
        List<Results.Operation> rows = new ArrayList<>();
        Results.Model model = null;
        for (Precision precision : setting.precisions()) {
            for (boolean training : trainings(precision)) {
                String pass = training ? "training" : "inference";
                meter.at("operations of " + pass + " in " + precision);
                try (BenchNetworks networks = BenchNetworks.untrained(
                        setting.device(),
                        setting.threads(),
                        setting.profile().network().settings(),
                        precision,
                        training)) {
                    if (!training) {
                        networks.onlyDetect();
                    }
                    Ceilings ceilings = Ceilings.measure(networks.device());
                    model = Setting.describe(networks.settings(), networks.model());
                    for (OperationBenchmark.Row row : OperationBenchmark.measure(networks, 1, training)) {
                        rows.add(operation(pass, precision, networks.activations(), row, ceilings));
                    }
                    OperationBenchmark.WholePass whole = OperationBenchmark.wholePass(networks, 1, training);
                    passes.add(new Results.WholePass(
                            pass, precision.name(), ceilings, 1e3 * whole.seconds(), 1e3 * whole.convolutionSeconds()));
                }
                meter.done(SECONDS_A_PASS);
            }
        }
        return results.with(new Results.Operations(setting.stamp(start, load), model, passes, rows));
    }

    /** Whether a pass trains: int8 only infers. */
    private static List<Boolean> trainings(Precision precision) {
        return precision == Precision.INT8 ? List.of(false) : List.of(false, true);
    }

    private static Results.Operation operation(
            String pass, Precision precision, DType activations, OperationBenchmark.Row row, Ceilings ceilings) {
        double most = INT8_CONVOLUTIONS.contains(row.operation()) ? ceilings.int8Flops() : ceilings.flops(activations);
        double share = row.flop() > 0 ? row.flopsPerSecond() / most : row.bytesPerSecond() / ceilings.copyBytes();
        return new Results.Operation(
                pass,
                precision.name(),
                row.operation(),
                row.call(),
                row.count(),
                1e3 * row.seconds(),
                1e-9 * row.flopsPerSecond(),
                1e-9 * row.bytesPerSecond(),
                share);
    }
}
