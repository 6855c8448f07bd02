package io.diffusionad.benchmarks.suite;

import io.diffusionad.app.console.Console;
import io.diffusionad.app.demo.DemoSettings;
import io.diffusionad.app.demodata.DemoDataGenerator;
import io.diffusionad.app.run.CheckpointFile;
import io.diffusionad.app.run.Interruption;
import io.diffusionad.app.run.RunFolder;
import io.diffusionad.app.run.RunSettings;
import io.diffusionad.app.run.TrainingSession;
import io.diffusionad.data.Category;
import io.diffusionad.data.Dataset;
import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.error.InvalidInputException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The trained detector whose speed and quality are measured, and the test set that it is measured on. */
record Subject(Path checkpoint, Category category) {
    private static final String TRAINED_CATEGORY = "fabric";
    private static final Path DEMO = Path.of("demo");

    /** @throws InvalidInputException when there is no such checkpoint, or no test set with masks */
    static Subject of(Path checkpoint, Path data) throws IOException {
        Dataset dataset = Dataset.open(data);
        List<String> names = dataset.categoryNames();
        if (names.size() != 1) {
            throw new InvalidInputException(data + " holds the categories " + String.join(", ", names)
                    + ": give the folder of the one that the checkpoint was trained on");
        }
        Category category = dataset.category(names.get(0));
        category.requireTest();
        category.requireMasks();
        return new Subject(CheckpointFile.in(checkpoint), category);
    }

    /** What {@code ./diffusionad demo} left in the present folder. */
    static Optional<Subject> ofDemo() throws IOException {
        for (String name : DemoDataGenerator.categories()) {
            Path checkpoint = DEMO.resolve("runs").resolve(name).resolve("last.safetensors");
            if (Files.exists(checkpoint)
                    && Files.isDirectory(DEMO.resolve("data").resolve(name))) {
                return Optional.of(of(checkpoint, DEMO.resolve("data").resolve(name)));
            }
        }
        return Optional.empty();
    }

    /** Paints demo data into a folder and trains a small detector on one category of it. */
    static Subject train(Console console, Setting setting) throws IOException {
        DemoSettings settings = setting.profile().detector();
        Path data = setting.work().resolve("data");
        DemoDataGenerator.generate(data, settings.dataSeed(), settings.counts(), ignored -> {});
        Category category = Dataset.open(data).category(TRAINED_CATEGORY);
        try (Interruption interruption = new Interruption(console);
                Device device = Devices.open(
                        setting.device(), new DeviceOptions(setting.threads(), DeviceOptions.DEFAULT.providers()));
                RunFolder folder = RunFolder.create(setting.work().resolve("run"), true)) {
            TrainingSession session = new TrainingSession(console, device, 0);
            RunSettings own =
                    session
                            .complete(settings.training(TRAINED_CATEGORY), Optional.empty(), Optional.empty())
                            .toBuilder()
                            .data(category.folder().toString())
                            .category(category.name())
                            .build();
            if (!session.train(own, category, folder, false, interruption).finished()) {
                throw new InvalidInputException(
                        "the training of a detector to measure was interrupted: begin again, or give one with --checkpoint and --data");
            }
            return new Subject(folder.last(), category);
        }
    }
}
