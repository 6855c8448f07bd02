package io.diffusionad.benchmarks.suite;

import io.diffusionad.benchmarks.BenchNetworks;
import io.diffusionad.benchmarks.ReconstructionMethod;
import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the cost of norm-guided one-step detection grows with image size, width, batch and threads, one at a time, from
 * one starting point.
 */
final class ScalingPart implements Part {
    /** One architecture for every size, so that only the size differs. */
    private static final List<Double> MULTIPLIERS = List.of(1.0, 1.0, 2.0, 2.0, 4.0, 4.0);
    /** Machines have slow minutes: every problem is timed in several rounds, one after the other in each. */
    private static final int ROUNDS = 3;
    /** Before that a young JVM still compiles, and memory is touched for the first time. */
    private static final double WARM_UP_SECONDS = 1;

    private static final double TIMED_SECONDS = 2;

    private final Setting setting;
    private final DType precision;

    ScalingPart(Setting setting, DType precision) {
        this.setting = setting;
        this.precision = precision;
    }

    /** What is timed; where axes cross, once for all of them. */
    private record Problem(int size, int width, int batch, int threads) {}

    private record Point(String axis, Problem problem) {}

    private List<Point> points() {
        BenchProfile profile = setting.profile();
        int size = profile.sizes().get(0);
        int width = profile.widths().get(0);
        int threads = setting.threads();
        List<Point> points = new ArrayList<>();
        profile.sizes().forEach(other -> points.add(new Point("size", new Problem(other, width, 1, threads))));
        profile.widths().forEach(other -> points.add(new Point("width", new Problem(size, other, 1, threads))));
        profile.batches().forEach(other -> points.add(new Point("batch", new Problem(size, width, other, threads))));
        for (int count = 1; count < threads; count *= 2) {
            points.add(new Point("threads", new Problem(size, width, 1, count)));
        }
        points.add(new Point("threads", new Problem(size, width, 1, threads)));
        return points;
    }

    private List<Problem> problems() {
        return points().stream().map(Point::problem).distinct().toList();
    }

    @Override
    public double plannedSeconds() {
        return ROUNDS * problems().size() * (WARM_UP_SECONDS + TIMED_SECONDS);
    }

    @Override
    public Results measure(Results results, Meter meter) {
        long start = System.nanoTime();
        double load = Machine.load();
        Map<Problem, List<Double>> seconds = new LinkedHashMap<>();
        for (int round = 1; round <= ROUNDS; round++) {
            for (Problem problem : problems()) {
                meter.at("growth, round " + round + ": " + problem.size + " pixels, width " + problem.width + ", batch "
                        + problem.batch + ", " + problem.threads + " threads");
                seconds.computeIfAbsent(problem, ignored -> new ArrayList<>()).addAll(time(problem));
                meter.done(WARM_UP_SECONDS + TIMED_SECONDS);
            }
        }
        List<Results.ScalingRow> rows = points().stream()
                .map(point -> row(point.axis, point.problem, seconds.get(point.problem)))
                .toList();
        return results.with(new Results.Scaling(setting.stamp(start, load), rows));
    }

    private Results.ScalingRow row(String axis, Problem problem, List<Double> seconds) {
        double median = DetectorProbe.percentile(
                seconds.stream().mapToDouble(each -> each).toArray(), 0.5);
        return new Results.ScalingRow(
                axis,
                problem.size,
                problem.width,
                problem.batch,
                problem.threads,
                precision.name(),
                1e3 * median / problem.batch);
    }

    private List<Double> time(Problem problem) {
        ModelSettings settings = ModelSettings.of(problem.size, problem.width, problem.width / 2, MULTIPLIERS);
        try (BenchNetworks networks =
                BenchNetworks.untrained(setting.device(), problem.threads, settings, precision, false)) {
            ReconstructionMethod method = ReconstructionMethod.named("norm-guided", settings.diffusion());
            Tensor images = networks.images(problem.batch);
            runFor(WARM_UP_SECONDS, networks, method, images);
            return runFor(TIMED_SECONDS, networks, method, images);
        }
    }

    /** Once at least. */
    private static List<Double> runFor(
            double seconds, BenchNetworks networks, ReconstructionMethod method, Tensor images) {
        List<Double> times = new ArrayList<>();
        double total = 0;
        while (times.isEmpty() || total < seconds) {
            times.add(run(networks, method, images));
            total += times.get(times.size() - 1);
        }
        return times;
    }

    private static double run(BenchNetworks networks, ReconstructionMethod method, Tensor images) {
        long started = System.nanoTime();
        try (var scope = networks.workspace().main().scope()) {
            networks.run(method, images, DetectionPipeline.DEFAULT_SEED);
        }
        return (System.nanoTime() - started) * 1e-9;
    }
}
