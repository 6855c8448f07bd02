package io.diffusionad.app.command;

import io.diffusionad.app.console.Console;
import io.diffusionad.app.console.ExitCode;
import io.diffusionad.app.report.MetricsTable;
import io.diffusionad.app.run.Interruption;
import io.diffusionad.app.run.Preset;
import io.diffusionad.app.run.PresetChoice;
import io.diffusionad.app.run.RunFolder;
import io.diffusionad.app.run.RunSettings;
import io.diffusionad.app.run.TrainingSession;
import io.diffusionad.app.run.TrainingSession.Outcome;
import io.diffusionad.checkpoint.ReferenceConfig;
import io.diffusionad.data.Category;
import io.diffusionad.data.Dataset;
import io.diffusionad.device.Device;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.image.DepthScan;
import io.diffusionad.image.Preparation;
import io.diffusionad.metrics.TestMetrics;
import io.diffusionad.settings.ModelSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;

/** {@code train}: from a folder of good images to a detector. */
@Command(
        name = "train",
        sortOptions = false,
        description = {
            "Trains a detector on good images and, where the data has a test set, evaluates it.",
            "Says beforehand what it will cost; Ctrl-C saves, --resume goes on bit for bit."
        },
        footer = {
            "",
            "Examples:",
            "  diffusionad train --data mvtec/bottle --preset small --out runs/bottle",
            "  diffusionad train --data my-good-images --preset tiny --minutes 10 --out runs/mine",
            "  diffusionad train --data mvtec --category carpet,grid --preset paper --device cuda --out runs/mvtec",
            "  diffusionad train --config args1.json --data mvtec --device cuda --out runs/mvtec",
            "  diffusionad train --resume --out runs/bottle",
            "",
            "The output folder: last, best and resume.safetensors, config.json, losses.csv, loss.png,",
            "and with a test set metrics.csv, scores.jsonl, report.html and sheets/."
        })
final class TrainCommand implements Callable<Integer> {
    /** What may stand beside --resume: everything else comes from the run's configuration. */
    private static final Set<String> WITH_RESUME = Set.of(
            "--resume", "--out", "--device", "--threads", "--providers", "--sheets", "--profile", "--debug", "--quiet");

    private final Console console;

    @Spec
    private CommandSpec spec;

    @Mixin
    private DataOptions data;

    @Option(
            names = {"-o", "--out"},
            required = true,
            paramLabel = "FOLDER",
            description = "Output folder; one subfolder a category when there are several.")
    private Path out;

    @Option(
            names = "--preset",
            paramLabel = "NAME",
            description =
                    "Where settings start: tiny (64x64, minutes on a CPU), small (128x128), paper (256x256, the reference's). "
                            + "Default: the larger of small and tiny that this device trains in an hour.")
    private Preset preset;

    @Option(
            names = "--config",
            paramLabel = "FILE.json",
            description = "Start from a settings file of the original program instead of a preset.")
    private Path config;

    @Mixin
    private TrainingOptions training;

    @Mixin
    private ModelOptions model;

    @Mixin
    private SynthesisChoice synthesis;

    @Mixin
    private DeviceChoice device;

    @Mixin
    private ProfileChoice profile;

    @Option(names = "--resume", description = "Go on with the run in --out, with its own settings.")
    private boolean resume;

    @Option(names = "--overwrite", description = "Replace the run in --out.")
    private boolean overwrite;

    @Option(names = "--dry-run", description = "Say what training would cost, and stop.")
    private boolean dryRun;

    @Option(
            names = "--sheets",
            paramLabel = "N",
            defaultValue = "3",
            description = "Ten-panel sheets for so many test images of each kind (default: ${DEFAULT-VALUE}).")
    private int sheets;

    /** The data folder of the original's settings, where they name exactly one. */
    private Path configured;

    TrainCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        // What needs no device is checked before one is opened and measured.
        Optional<RunSettings> named = resume ? Optional.empty() : namedSettings();
        List<Category> categories = resume ? List.of() : data.categories(configured);
        try (Interruption interruption = new Interruption(console);
                Device opened = profile.measured(device.open())) {
            console.note("device %s: %s", opened.name(), opened.description());
            TrainingSession session = new TrainingSession(console, opened, sheets);
            int exitCode = resume ? resume(session, interruption) : train(session, named, categories, interruption);
            profile.print(console);
            return exitCode;
        }
    }

    private int train(
            TrainingSession session, Optional<RunSettings> named, List<Category> categories, Interruption interruption)
            throws IOException {
        RunSettings settings = session.complete(
                named.orElseGet(() -> chosenSettings(session, categories)), training.memory(), training.microBatch());
        Map<String, TestMetrics> metrics = new LinkedHashMap<>();
        for (Category category : categories) {
            RunSettings own = settings.toBuilder()
                    .data(category.folder().toAbsolutePath().toString())
                    .category(category.name())
                    .model(withUsedBits(settings.model(), category))
                    .build();
            if (dryRun) {
                long steps = own.budget().stepsFor(category.train().size(), own.batch());
                session.adviseIfLong(own, session.announce(own, category, steps) * steps);
                continue;
            }
            try (RunFolder folder =
                    RunFolder.create(categories.size() == 1 ? out : out.resolve(category.name()), overwrite)) {
                Outcome outcome = session.train(own, category, folder, false, interruption);
                if (!outcome.finished()) {
                    return ExitCode.INTERRUPTED;
                }
                metrics.putAll(outcome.metrics());
                console.print("%s", folder.path());
            }
        }
        print(metrics);
        return ExitCode.OK;
    }

    /** Cameras of 10 or 12 bits write pictures of 16: the upper byte of those is nearly black. */
    private ModelSettings withUsedBits(ModelSettings model, Category category) {
        Preparation preparation = model.preparation();
        if (preparation.levels() == Preparation.Levels.MIN_MAX) {
            return model;
        }
        DepthScan depth = DepthScan.of(category.train());
        if (!depth.stretched().isEmpty()) {
            console.note(
                    "%s: %d of %d pictures are TIFFs of floating-point, signed or 32-bit numbers, "
                            + "each stretched from its smallest to its largest (%s first): brightness differs from picture to picture; scale them to 0 to 1 for equal levels",
                    category.name(),
                    depth.stretched().size(),
                    category.train().size(),
                    depth.stretched().get(0));
        }
        int bits = depth.bits();
        if (bits == 16) {
            return model;
        }
        if (preparation.levels() == Preparation.Levels.FULL) {
            console.note("%s: pictures use %d of 16 bits, which are read in full", category.name(), bits);
            return model.withPreparation(preparation.withLevels(Preparation.Levels.FULL, bits));
        }
        console.note(
                "%s: pictures use %d of 16 bits: only %d of 256 levels are left; choose --levels full",
                category.name(), bits, 1 << bits - 8);
        return model;
    }

    private int resume(TrainingSession session, Interruption interruption) throws IOException {
        Set<String> given = new TreeSet<>();
        spec.commandLine().getParseResult().matchedOptions().forEach(option -> given.add(option.longestName()));
        given.removeAll(WITH_RESUME);
        if (!given.isEmpty()) {
            throw new InvalidInputException(
                    "--resume goes on with the run's own settings: leave out " + String.join(", ", given));
        }
        try (RunFolder folder = RunFolder.resume(out)) {
            RunSettings settings = RunSettings.read(folder.config());
            session.requireMemory(settings);
            Category category = Dataset.open(Path.of(settings.data())).category(settings.category());
            if (!folder.hasCheckpoint()) {
                console.note("%s has no checkpoint yet: its run begins again", folder.path());
            }
            Outcome outcome = session.train(settings, category, folder, folder.hasCheckpoint(), interruption);
            if (!outcome.finished()) {
                return ExitCode.INTERRUPTED;
            }
            console.print("%s", folder.path());
            print(outcome.metrics());
            return ExitCode.OK;
        }
    }

    private RunSettings withOptions(RunSettings base) {
        RunSettings shaped = base.toBuilder()
                .model(model.applyTo(base.model()))
                .textures(
                        synthesis.textures() == null
                                ? base.textures()
                                : synthesis.textures().toAbsolutePath().toString())
                .foreground(synthesis.foreground(base.foreground()))
                .kind(synthesis.kind(base.kind()))
                .build();
        return training.applyTo(shaped);
    }

    /** Of the preset that suits the device, for the largest category. */
    private RunSettings chosenSettings(TrainingSession session, List<Category> categories) {
        int images = categories.stream()
                .mapToInt(category -> category.train().size())
                .max()
                .orElse(1);
        PresetChoice.Chosen chosen = PresetChoice.choose(
                candidate -> withOptions(candidate.settings()), training.namesBudget(), images, session::secondsAStep);
        console.note("%s", chosen.reason());
        return chosen.settings();
    }

    /** What the user named, a preset or a configuration; empty where a preset is to be chosen. */
    private Optional<RunSettings> namedSettings() throws IOException {
        if (config == null) {
            return preset == null ? Optional.empty() : Optional.of(withOptions(preset.settings()));
        }
        if (preset != null) {
            throw new InvalidInputException("--config and --preset contradict each other: give one of them");
        }
        ReferenceConfig reference = ReferenceConfig.read(config);
        reference.remarks().forEach(remark -> console.note("%s", remark));
        configured = reference.datasets().size() == 1
                ? Path.of(reference.datasets().values().iterator().next())
                : null;
        return Optional.of(withOptions(RunSettings.of(reference)));
    }

    private void print(Map<String, TestMetrics> metrics) {
        if (!metrics.isEmpty()) {
            console.print("%s", MetricsTable.text(metrics));
        }
    }
}
