package io.diffusionad.benchmarks.suite;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.diffusionad.benchmarks.BenchNetworks;
import io.diffusionad.benchmarks.ChildJvm;
import io.diffusionad.benchmarks.DetectBenchmark;
import io.diffusionad.checkpoint.Checkpoint;
import io.diffusionad.settings.ModelCard;
import io.diffusionad.settings.Precision;
import io.diffusionad.tensor.DType;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/**
 * Image file in, decision out: the trained detector by threads and batch, and fresh JVMs with the profile's network.
 */
final class DetectionPart implements Part {
    private static final int STARTS = 3;
    private static final double START_SECONDS = 10;
    private static final double IMAGE_SECONDS = 2.5;
    /** As docs/embedding.md recommends: images and score maps are all that a detector has on the Java heap. */
    private static final String PROBE_HEAP = "-Xmx64m";

    private final Setting setting;
    private final Subject subject;

    DetectionPart(Setting setting, Subject subject) {
        this.setting = setting;
        this.subject = subject;
    }

    @Override
    public double plannedSeconds() {
        return precisions().size()
                        * (threadCounts().size() + setting.profile().batches().size() - 1)
                        * rowSeconds()
                + precisions().size() * processSeconds();
    }

    private List<Precision> precisions() {
        return setting.precisions();
    }

    private double rowSeconds() {
        return JmhRun.plannedSeconds(setting.profile().latencySeconds());
    }

    private double processSeconds() {
        return STARTS * START_SECONDS + IMAGE_SECONDS * setting.profile().processImages();
    }

    /** Powers of two up to what the suite runs with. */
    private TreeSet<Integer> threadCounts() {
        int most = setting.threads();
        TreeSet<Integer> counts = new TreeSet<>(List.of(most));
        for (int count = 1; count < most; count *= 2) {
            counts.add(count);
        }
        return counts;
    }

    @Override
    public Results measure(Results results, Meter meter) throws IOException {
        long start = System.nanoTime();
        double load = Machine.load();
        List<Results.DetectionRow> rows = new ArrayList<>();
        int mostThreads = threadCounts().last();
        ModelCard card = Checkpoint.readCard(subject.checkpoint());
        for (Precision precision : precisionsOf(card)) {
            for (int threads : threadCounts()) {
                rows.add(row(precision, threads, 1, meter));
            }
            for (int batch : setting.profile().batches().stream()
                    .filter(batch -> batch > 1)
                    .toList()) {
                rows.add(row(precision, mostThreads, batch, meter));
            }
        }
        List<Results.ProcessRow> processes = processes(meter);
        return results.with(
                new Results.Detection(setting.stamp(start, load), Setting.describe(card.model()), rows, processes));
    }

    /** Int8 where the detector is calibrated for it. */
    private List<Precision> precisionsOf(ModelCard card) {
        if (precisions().equals(List.of(Precision.INT8))) {
            card.ranges(
                    Precision.INT8,
                    subject.checkpoint()); // asked for by name: refused in a sentence where it cannot be
        }
        return precisions().stream()
                .filter(precision -> precision != Precision.INT8 || card.int8().isPresent())
                .toList();
    }

    private Results.DetectionRow row(Precision precision, int threads, int batch, Meter meter) {
        meter.at("detection, " + precision + ", " + threads + " threads, batch " + batch);
        JmhRun.Times times = JmhRun.measure(
                DetectBenchmark.class,
                Map.of(
                        "checkpoint",
                        subject.checkpoint().toAbsolutePath(),
                        "image",
                        image().toAbsolutePath(),
                        "precision",
                        precision,
                        "batch",
                        batch,
                        "device",
                        setting.device(),
                        "threads",
                        threads),
                setting.profile().latencySeconds(),
                setting.work().resolve("jmh.log"));
        meter.done(rowSeconds());
        return new Results.DetectionRow(
                precision.name(), threads, batch, 1e3 * batch / times.mean(), times.p50(), times.p90(), times.p99());
    }

    private Path image() {
        return subject.category().test().get(0).image();
    }

    private List<Results.ProcessRow> processes(Meter meter) throws IOException {
        Path checkpoint = setting.work().resolve("processes.safetensors");
        Results.Model model;
        try (BenchNetworks networks = BenchNetworks.untrained(
                setting.device(), setting.threads(), setting.profile().network().settings(), DType.FLOAT32, false)) {
            networks.writeCheckpoint(checkpoint);
            model = Setting.describe(networks.settings(), networks.model());
        }
        List<Results.ProcessRow> rows = new ArrayList<>();
        for (Precision precision : precisions()) {
            meter.at("fresh JVM, " + precision);
            rows.add(process(model, checkpoint, precision, meter));
        }
        return rows;
    }

    /** Several starts of two images, of which the medians count, and one of them goes on. */
    private Results.ProcessRow process(Results.Model model, Path checkpoint, Precision precision, Meter meter)
            throws IOException {
        List<Probed> starts = new ArrayList<>();
        for (int i = 1; i < STARTS; i++) {
            starts.add(probe(checkpoint, precision, 2, () -> {}));
            meter.done(START_SECONDS);
        }
        int images = setting.profile().processImages();
        Probed all = probe(checkpoint, precision, images, () -> meter.done(IMAGE_SECONDS));
        meter.done(START_SECONDS + IMAGE_SECONDS);
        starts.add(all);
        return new Results.ProcessRow(
                model,
                precision.name(),
                median(starts, Probed::loadedSeconds),
                median(starts, Probed::firstImageSeconds),
                all.residentMib,
                images,
                DetectorProbe.percentile(all.milliseconds, 0.5),
                DetectorProbe.percentile(all.milliseconds, 0.99));
    }

    private static double median(List<Probed> starts, ToDoubleFunction<Probed> value) {
        return DetectorProbe.percentile(starts.stream().mapToDouble(value).toArray(), 0.5);
    }

    /** What a fresh JVM said. @param milliseconds of the images after the first */
    private record Probed(double loadedSeconds, double firstImageSeconds, double residentMib, double... milliseconds) {}

    private Probed probe(Path checkpoint, Precision precision, int images, Runnable afterImage) throws IOException {
        Process process = ChildJvm.of(
                        List.of(PROBE_HEAP),
                        DetectorProbe.class,
                        List.of(
                                checkpoint.toString(),
                                setting.device(),
                                Integer.toString(setting.threads()),
                                precision.name(),
                                image().toString(),
                                Integer.toString(images)))
                .redirectError(setting.work().resolve("probe.log").toFile())
                .start();
        process.getOutputStream().close();
        double[] milliseconds = new double[images - 1];
        try (BufferedReader lines = process.inputReader()) {
            for (int i = 0; i < milliseconds.length; i++) {
                milliseconds[i] = Double.parseDouble(lineOf(lines));
                afterImage.run();
            }
            JsonNode start = new ObjectMapper().readTree(lineOf(lines));
            return new Probed(
                    start.get("loaded_seconds").asDouble(),
                    start.get("first_image_seconds").asDouble(),
                    start.get("resident_mib").asDouble(),
                    milliseconds);
        }
    }

    private String lineOf(BufferedReader lines) throws IOException {
        String line = lines.readLine();
        if (line == null) {
            throw new IllegalStateException(
                    "the fresh JVM ended without results; see " + setting.work().resolve("probe.log"));
        }
        return line;
    }
}
