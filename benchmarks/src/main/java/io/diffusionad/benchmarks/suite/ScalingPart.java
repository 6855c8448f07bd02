package io.diffusionad.benchmarks.suite;

import io.diffusionad.benchmarks.BenchNetworks;
import io.diffusionad.benchmarks.ReconstructionMethod;
import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** How the cost of norm-guided one-step detection grows with image size, width, batch and threads, one at a time, from one starting point. */
final class ScalingPart implements Part {
    /** One architecture for every size, so that only the size differs. */
    private static final List<Double> MULTIPLIERS = List.of(1.0, 1.0, 2.0, 2.0, 4.0, 4.0);
    private static final double SECONDS_A_ROW = 8;
    /** Before that a young JVM still compiles, and memory is touched for the first time. */
    private static final double WARM_UP_SECONDS = 3;
    private static final int FEWEST_RUNS = 3;

    private final Setting setting;
    private final DType precision;

    ScalingPart(Setting setting, DType precision) {
        this.setting = setting;
        this.precision = precision;
    }

    private record Point(String axis, int size, int width, int batch, int threads) { }

    private List<Point> points() {
        BenchProfile profile = setting.profile();
        int size = profile.sizes().get(0);
        int width = profile.widths().get(0);
        int threads = setting.threads();
        List<Point> points = new ArrayList<>();
        profile.sizes().forEach(other -> points.add(new Point("size", other, width, 1, threads)));
        profile.widths().forEach(other -> points.add(new Point("width", size, other, 1, threads)));
        profile.batches().forEach(other -> points.add(new Point("batch", size, width, other, threads)));
        for (int count = 1; count < threads; count *= 2) {
            points.add(new Point("threads", size, width, 1, count));
        }
        points.add(new Point("threads", size, width, 1, threads));
        return points;
    }

    @Override
    public double plannedSeconds() {
        return points().size() * SECONDS_A_ROW;
    }

    @Override
    public Results measure(Results results, Meter meter) {
        long start = System.nanoTime();
        double load = Machine.load();
        List<Results.ScalingRow> rows = new ArrayList<>();
        for (Point point : points()) {
            meter.at(point.axis + ", " + point.size + " pixels, width " + point.width + ", batch " + point.batch + ", " + point.threads + " threads");
            rows.add(new Results.ScalingRow(point.axis, point.size, point.width, point.batch, point.threads, precision.name(),
                    1e3 * medianSeconds(point) / point.batch));
            meter.done(SECONDS_A_ROW);
        }
        return results.with(new Results.Scaling(setting.stamp(start, load), rows));
    }

    private double medianSeconds(Point point) {
        ModelSettings settings = ModelSettings.of(point.size, point.width, point.width / 2, MULTIPLIERS);
        try (BenchNetworks networks = BenchNetworks.untrained(setting.device(), point.threads, settings, precision, false)) {
            ReconstructionMethod method = ReconstructionMethod.named("norm-guided", settings.diffusion());
            Tensor images = networks.images(point.batch);
            double warmUp = 0;
            do {
                warmUp += run(networks, method, images);
            } while (warmUp < WARM_UP_SECONDS);
            List<Double> seconds = new ArrayList<>();
            double total = 0;
            while (seconds.size() < FEWEST_RUNS || total < SECONDS_A_ROW - WARM_UP_SECONDS) {
                seconds.add(run(networks, method, images));
                total += seconds.get(seconds.size() - 1);
            }
            Collections.sort(seconds);
            return seconds.get(seconds.size() / 2);
        }
    }

    private static double run(BenchNetworks networks, ReconstructionMethod method, Tensor images) {
        long started = System.nanoTime();
        try (var scope = networks.workspace().main().scope()) {
            networks.run(method, images, DetectionPipeline.DEFAULT_SEED);
        }
        return (System.nanoTime() - started) * 1e-9;
    }
}
