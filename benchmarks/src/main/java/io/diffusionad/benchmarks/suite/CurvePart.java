package io.diffusionad.benchmarks.suite;

import io.diffusionad.benchmarks.BenchNetworks;
import io.diffusionad.benchmarks.OneStepVsIterative;
import io.diffusionad.benchmarks.ReconstructionMethod;
import io.diffusionad.checkpoint.Checkpoint;
import io.diffusionad.data.TestImage;
import io.diffusionad.tensor.DType;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The speed/quality curve of one trained checkpoint: latency by JMH, quality on the test set, of every reconstruction
 * method.
 */
final class CurvePart implements Part {
    private final Setting setting;
    private final Subject subject;
    private final DType precision;

    CurvePart(Setting setting, Subject subject, DType precision) {
        this.setting = setting;
        this.subject = subject;
        this.precision = precision;
    }

    @Override
    public double plannedSeconds() {
        return setting.profile().methods().size() * latencySeconds()
                + setting.profile().qualitySeconds();
    }

    private double latencySeconds() {
        return JmhRun.plannedSeconds(setting.profile().latencySeconds());
    }

    @Override
    public Results measure(Results results, Meter meter) throws IOException {
        long start = System.nanoTime();
        double load = Machine.load();
        Map<String, JmhRun.Times> times = new LinkedHashMap<>();
        for (String method : setting.profile().methods()) {
            meter.at("latency of " + method);
            times.put(
                    method,
                    JmhRun.measure(
                            OneStepVsIterative.class,
                            Map.of(
                                    "method",
                                    method,
                                    "checkpoint",
                                    subject.checkpoint().toAbsolutePath(),
                                    "precision",
                                    precision.name(),
                                    "device",
                                    setting.device(),
                                    "threads",
                                    setting.threads()),
                            setting.profile().latencySeconds(),
                            setting.work().resolve("jmh.log")));
            meter.done(latencySeconds());
        }
        double secondsAnImage =
                times.values().stream().mapToDouble(t -> t.mean() * 1e-3).sum();
        int images = (int) Math.max(
                setting.profile().fewestImages(),
                Math.min(subject.category().test().size(), setting.profile().qualitySeconds() / secondsAnImage));
        List<Results.Point> points = new ArrayList<>();
        try (BenchNetworks networks =
                BenchNetworks.trained(setting.device(), setting.threads(), subject.checkpoint(), precision, false)) {
            List<TestImage> chosen = MethodQuality.spread(subject.category(), images);
            for (String name : setting.profile().methods()) {
                meter.at("quality of " + name);
                ReconstructionMethod method =
                        ReconstructionMethod.named(name, networks.settings().diffusion());
                points.add(point(
                        method, times.get(name), MethodQuality.measure(networks, method, subject.category(), chosen)));
                meter.done(setting.profile().qualitySeconds() * times.get(name).mean() * 1e-3 / secondsAnImage);
            }
            return results.with(new Results.Curve(
                    setting.stamp(start, load),
                    Setting.describe(networks.settings(), networks.model()),
                    subject.category().name(),
                    Checkpoint.readCard(subject.checkpoint()).step(),
                    precision.name(),
                    points));
        }
    }

    private static Results.Point point(ReconstructionMethod method, JmhRun.Times times, MethodQuality quality) {
        return new Results.Point(
                method.name(),
                method.unetPasses(),
                1e3 / times.mean(),
                times.p50(),
                times.p90(),
                times.p99(),
                times.samples(),
                quality.images(),
                quality.imageAuroc(),
                quality.pixelAuroc(),
                quality.reconstructionError());
    }
}
