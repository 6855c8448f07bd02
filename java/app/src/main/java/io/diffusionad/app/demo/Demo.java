package io.diffusionad.app.demo;

import io.diffusionad.app.console.Console;
import io.diffusionad.app.console.Progress;
import io.diffusionad.app.console.Units;
import io.diffusionad.app.demodata.DemoDataGenerator;
import io.diffusionad.app.report.MetricsCsv;
import io.diffusionad.app.report.MetricsTable;
import io.diffusionad.app.run.Interruption;
import io.diffusionad.app.run.RunFolder;
import io.diffusionad.app.run.RunSettings;
import io.diffusionad.app.run.TrainingSession;
import io.diffusionad.app.run.TrainingSession.Outcome;
import io.diffusionad.data.Category;
import io.diffusionad.data.Dataset;
import io.diffusionad.device.Device;
import io.diffusionad.metrics.TestMetrics;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The demonstration: paints three products, trains a small detector on the good ones of each, evaluates, and shows what
 * was found.
 */
public final class Demo {
    private final Console console;
    private final DemoSettings settings;

    public Demo(Console console, DemoSettings settings) {
        this.console = console;
        this.settings = settings;
    }

    /**
     * @param interruption stays open until the device is closed; @return the metrics of each category's last
     *     checkpoint, or empty when it was interrupted
     */
    public Optional<Map<String, TestMetrics>> run(Path folder, Device device, Interruption interruption)
            throws IOException {
        long start = System.nanoTime();
        console.note("device %s: %s", device.name(), device.description());
        Path data = folder.resolve("data");
        paint(data);
        TrainingSession session = new TrainingSession(console, device, settings.sheetsPerKind());
        Dataset dataset = Dataset.open(data);
        Map<String, TestMetrics> metrics = new LinkedHashMap<>();
        Map<String, Path> runs = new LinkedHashMap<>();
        for (String name : dataset.categoryNames()) {
            Category category = dataset.category(name);
            try (RunFolder runFolder = RunFolder.create(folder.resolve("runs").resolve(name), true)) {
                RunSettings own =
                        session.complete(settings.training(name), Optional.empty(), Optional.empty()).toBuilder()
                                .data(category.folder().toString())
                                .category(name)
                                .build();
                Outcome outcome = session.train(own, category, runFolder, false, interruption);
                if (!outcome.finished()) {
                    return Optional.empty();
                }
                metrics.put(name, outcome.metrics().get(name));
                runs.put(name, runFolder.path());
            }
        }
        String took = Units.duration((System.nanoTime() - start) * 1e-9);
        MetricsCsv.write(folder.resolve("metrics.csv"), metrics);
        DemoPage.write(folder, metrics, notes(device, took), runs);
        console.print("%s%n", MetricsTable.text(metrics));
        console.print(
                "Took %s. Look at %s",
                took, folder.resolve("index.html").toAbsolutePath().normalize());
        return Optional.of(metrics);
    }

    private List<String> notes(Device device, String took) {
        return List.of(
                "Three products were painted, and a small detector was trained on "
                        + settings.counts().train()
                        + " good pictures of each, without ever seeing a defect. Below: how well it tells "
                        + settings.counts().testGood() + " good from "
                        + settings.counts().defective() + " defective pictures of each, and where it sees the defects.",
                "Device: " + device.description() + ". Time: " + took + ".");
    }

    private void paint(Path data) {
        AtomicInteger done = new AtomicInteger();
        try (Progress progress =
                console.progress("paint demo data", "picture", settings.counts().total())) {
            DemoDataGenerator.generate(data, settings.dataSeed(), settings.counts(), ignored -> {
                synchronized (progress) {
                    progress.at(done.incrementAndGet());
                }
            });
        }
    }
}
