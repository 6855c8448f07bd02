package io.diffusionad.app.run;

import io.diffusionad.app.console.Console;
import io.diffusionad.app.console.Progress;
import io.diffusionad.app.console.Units;
import io.diffusionad.app.report.EvaluationReport;
import io.diffusionad.app.report.ReportSource;
import io.diffusionad.checkpoint.Checkpoint;
import io.diffusionad.data.Category;
import io.diffusionad.data.EveryFile;
import io.diffusionad.data.mask.MaskReader;
import io.diffusionad.data.mask.UsableTestSet;
import io.diffusionad.device.Device;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.evaluate.Evaluation;
import io.diffusionad.evaluate.EvaluationOptions;
import io.diffusionad.image.Preparation;
import io.diffusionad.io.FileProblem;
import io.diffusionad.metrics.TestMetrics;
import io.diffusionad.settings.ModelCard;
import io.diffusionad.settings.Precision;
import io.diffusionad.tensor.DType;
import io.diffusionad.train.MemoryMode;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Trains one category from settings to report: says what it will cost, trains, evaluates on the test set where there is
 * one.
 */
public final class TrainingSession {
    /**
     * Of the networks' parameters on disk: last and best once; weights and two moments in the resume file, and again
     * while it is replaced.
     */
    private static final long CHECKPOINT_COPIES = 2 + 3 + 3;

    private static final double LONG_SECONDS = 12 * 3600;

    private final Console console;
    private final Device device;
    private final int sheetsPerKind;
    /** Measured once each, FLOP a second. */
    private final Map<DType, Double> speeds = new EnumMap<>(DType.class);

    /**
     * How a session ended.
     *
     * @param finished false when it was interrupted
     * @param metrics test metrics by label ({@code bottle}, {@code bottle best}); empty without a test set
     */
    public record Outcome(boolean finished, long steps, Map<String, TestMetrics> metrics) {}

    /** @param sheetsPerKind ten-panel sheets for this many test images of every kind */
    public TrainingSession(Console console, Device device, int sheetsPerKind) {
        this.console = console;
        this.device = device;
        this.sheetsPerKind = sheetsPerKind;
    }

    /**
     * Settles precision, memory mode and micro-batch for the device.
     *
     * @param memory asked for, or empty to choose
     * @param microBatch asked for, or empty to choose
     * @throws InvalidInputException when what was asked for cannot fit, naming the setting that would
     */
    public RunSettings complete(RunSettings settings, Optional<MemoryMode> memory, Optional<Integer> microBatch) {
        DType activations = settings.precision().on(device);
        RunSettings precise = settings.toBuilder()
                .precision(activations == DType.BFLOAT16 ? Precision.BF16 : Precision.FLOAT32)
                .build();
        MemoryFit fit = new MemoryFit(device, activations);
        RunSettings chosen = fit.choose(precise, memory, microBatch);
        fit.require(chosen, TrainingPlan.of(chosen.model(), chosen.training(activations)));
        return chosen;
    }

    /** @throws InvalidInputException when a run that goes on, with its own settings, does not fit the device */
    public void requireMemory(RunSettings settings) {
        DType activations = settings.precision().on(device);
        new MemoryFit(device, activations)
                .requireAsItIs(TrainingPlan.of(settings.model(), settings.training(activations)));
    }

    /**
     * Estimated seconds a step of settings that need not be complete; infinite where they do not fit the device's
     * memory.
     */
    public double secondsAStep(RunSettings settings) {
        DType activations = settings.precision().on(device);
        try {
            RunSettings complete = complete(settings, Optional.empty(), Optional.empty());
            return TrainingPlan.of(complete.model(), complete.training(activations))
                            .flop()
                    / speed(activations);
        } catch (InvalidInputException e) {
            return Double.POSITIVE_INFINITY;
        }
    }

    /**
     * Names ways to an earlier end where training would take longer than most people mean to wait. @param seconds
     * estimate, 0 for a timed run
     */
    public void adviseIfLong(RunSettings settings, double seconds) {
        if (seconds <= LONG_SECONDS) {
            return;
        }
        RunSettings tiny = Preset.TINY.settings();
        double shortest = secondsAStep(tiny) * tiny.budget().steps();
        console.note(
                "that is long for %s: --minutes %d in place of another budget ends it after an hour with what it has learnt%s",
                device.name(),
                PresetChoice.MINUTES,
                shortest < seconds / 4
                        ? ", and --preset tiny in place of other settings takes about " + Units.duration(shortest)
                        : "");
    }

    private double speed(DType activations) {
        return speeds.computeIfAbsent(activations, type -> SpeedProbe.trainingFlopPerSecond(device, type));
    }

    /** Says what training will cost. @return estimated seconds a step */
    public double announce(RunSettings settings, Category category, long steps) {
        DType activations = settings.precision().on(device);
        TrainingPlan plan = TrainingPlan.of(settings.model(), settings.training(activations));
        double secondsAStep = plan.flop() / speed(activations);
        int size = settings.model().imageSize();
        console.note(
                "%s: %dx%d pixels, %s parameters, %s a step of %d images (memory %s, micro-batch %d, %s)",
                category.name(),
                size,
                size,
                Units.count(plan.parameters()),
                Units.flop(plan.flop()),
                settings.batch(),
                settings.memory().name().toLowerCase(java.util.Locale.ROOT),
                settings.microBatch(),
                activations.name().toLowerCase(java.util.Locale.ROOT));
        console.note(
                "%s: about %s of memory, %s",
                category.name(),
                Units.bytes(plan.memory()),
                steps == 0
                        ? settings.budget().toString()
                        : "about " + Units.duration(secondsAStep * steps) + " for " + steps
                                + (steps == 1 ? " step on " : " steps on ") + device.name());
        return secondsAStep;
    }

    /**
     * Trains into an opened folder.
     *
     * @param settings complete
     * @param resume whether to go on from the folder's checkpoint
     * @param interruption stays open until the device is closed
     */
    public Outcome train(
            RunSettings settings, Category category, RunFolder folder, boolean resume, Interruption interruption)
            throws IOException {
        MaskReader masks = requireUsable(category, settings);
        try (TrainingRun run = new TrainingRun(console, device, settings, folder, category, masks)) {
            double secondsAStep = announce(settings, category, run.plannedSteps());
            if (!resume) {
                adviseIfLong(settings, secondsAStep * run.plannedSteps());
            }
            noteDiskSpace(folder, run.model().parameterCount());
            long steps;
            try (Interruption.Scope stoppable = interruption.during(run)) {
                steps = runKeeping(run, folder, () -> run.run(resume, secondsAStep));
                if (run.wasInterrupted()) {
                    console.note(
                            "%s: stopped after step %d, saved in %s; go on with: diffusionad train --resume --out %s",
                            category.name(), steps, folder.path(), folder.path());
                    return new Outcome(false, steps, Map.of());
                }
            }
            long done = steps;
            boolean hasBest = runKeeping(run, folder, () -> run.finish(done));
            return new Outcome(
                    true,
                    steps,
                    category.test().isEmpty() ? Map.of() : report(run, category, settings, folder, steps, hasBest));
        }
    }

    private interface Work<T> {
        T run() throws IOException;
    }

    /** A file that cannot be written ends a run and never spoils it. */
    private static <T> T runKeeping(TrainingRun run, RunFolder folder, Work<T> work) throws IOException {
        try {
            return work.run();
        } catch (FileSystemException e) {
            throw new InvalidInputException(
                    FileProblem.sentence(e) + "; the run is kept as it was after step " + run.savedStep()
                            + ", to go on with: diffusionad train --resume --out " + folder.path(),
                    e);
        }
    }

    private Map<String, TestMetrics> report(
            TrainingRun run, Category category, RunSettings settings, RunFolder folder, long steps, boolean hasBest)
            throws IOException {
        try {
            return evaluate(run, category, settings, folder, steps, hasBest);
        } catch (FileSystemException e) {
            throw new InvalidInputException(
                    FileProblem.sentence(e)
                            + "; the training is finished and saved, to evaluate with: diffusionad evaluate "
                            + "--checkpoint "
                            + folder.path() + " --data " + settings.data() + " --out FOLDER",
                    e);
        }
    }

    /** Checkpoints are replaced whole, so the largest is on the disk twice for a moment. */
    private void noteDiskSpace(RunFolder folder, long parameters) {
        long needed = CHECKPOINT_COPIES * Float.BYTES * parameters;
        try {
            long free = Files.getFileStore(folder.path()).getUsableSpace();
            if (free < needed) {
                console.note(
                        "the checkpoints need about %s of disk space, and %s has %s free: make room while it trains; a run that stops for lack of it can "
                                + "be gone on with",
                        Units.bytes(needed), folder.path(), Units.bytes(free));
            }
        } catch (IOException e) {
            return; // a file system that does not tell
        }
    }

    /** Reads every picture and mask once: those that cannot be used are told before hours of training, all at once. */
    private MaskReader requireUsable(Category category, RunSettings settings) {
        Preparation preparation = settings.model().preparation();
        List<Path> good = Stream.concat(category.train().stream(), category.validation().stream())
                .toList();
        UsableTestSet set = UsableTestSet.of(
                category, settings.masks(), preparation, settings.model().imageSize());
        List<String> problems =
                new ArrayList<>(EveryFile.problems(good, preparation::read).values());
        problems.addAll(set.problems().values());
        EveryFile.requireNone(problems, good.size() + category.test().size(), "pictures", "");
        DataNotes.print(console, category, set, category.train(), settings.model());
        return set.masks();
    }

    private Map<String, TestMetrics> evaluate(
            TrainingRun run, Category category, RunSettings settings, RunFolder folder, long steps, boolean hasBest)
            throws IOException {
        Files.createDirectories(folder.path());
        EvaluationReport report = new EvaluationReport(folder.path(), sheetsPerKind);
        add(report, category.name(), run, category, folder, folder.last());
        if (hasBest && run.progress().bestStep() != steps) {
            Checkpoint.readWeights(folder.best(), run.model());
            add(report, category.name() + " best", run, category, folder, folder.best());
        }
        Path plot = Files.exists(folder.lossPlot()) ? folder.lossPlot() : null;
        report.write(
                "DiffusionAD: " + category.name(),
                List.of(steps + " training steps, " + settings.model().imageSize() + "x"
                        + settings.model().imageSize() + " pixels, seed " + settings.seed() + ". \"" + category.name()
                        + "\" is the last checkpoint"
                        + (report.metrics().size() > 1
                                ? ", \"best\" the one of step " + run.progress().bestStep() + ", chosen on "
                                        + (settings.select() == RunSettings.Select.TEST
                                                ? "the test set."
                                                : "held-out synthetic anomalies.")
                                : ".")),
                plot);
        return report.metrics();
    }

    /** Evaluates the networks as they are. @param checkpoint where they are stored */
    private void add(
            EvaluationReport report,
            String label,
            TrainingRun run,
            Category category,
            RunFolder folder,
            Path checkpoint)
            throws IOException {
        ModelCard card = Checkpoint.readCard(checkpoint);
        EvaluationOptions options = EvaluationOptions.builder()
                .temporaryFolder(folder.path())
                .thresholds(card.calibration())
                .frames(card.frames())
                .build();
        try (Evaluation evaluation = evaluate(run, category, options)) {
            report.add(
                    label,
                    evaluation,
                    ReportSource.of(card, Precision.AUTO, checkpoint, category.folder()),
                    run.judge().pipeline());
        }
    }

    private Evaluation evaluate(TrainingRun run, Category category, EvaluationOptions options) {
        try (Progress progress = console.progress(
                "evaluate " + category.name(), "image", category.test().size())) {
            return run.judge().evaluate(category, run.masks(), options, progress::at);
        }
    }
}
