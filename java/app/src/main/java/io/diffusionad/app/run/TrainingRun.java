package io.diffusionad.app.run;

import io.diffusionad.app.console.Console;
import io.diffusionad.app.console.Progress;
import io.diffusionad.app.report.LossPlot;
import io.diffusionad.app.report.OutputFile;
import io.diffusionad.checkpoint.Checkpoint;
import io.diffusionad.checkpoint.DetectorModel;
import io.diffusionad.data.Category;
import io.diffusionad.data.mask.MaskReader;
import io.diffusionad.data.synthesis.AnomalySynthesizer;
import io.diffusionad.device.Device;
import io.diffusionad.evaluate.HeldOutSplit;
import io.diffusionad.evaluate.ValidationSet;
import io.diffusionad.frame.FrameRange;
import io.diffusionad.nn.Workspace;
import io.diffusionad.random.Purpose;
import io.diffusionad.settings.Calibration;
import io.diffusionad.settings.Evidence;
import io.diffusionad.settings.Int8Calibration;
import io.diffusionad.settings.ModelCard;
import io.diffusionad.tensor.DType;
import io.diffusionad.train.Trainer;
import io.diffusionad.train.TrainingListener;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * One training run from its settings to its checkpoints: reads the images, trains, judges and saves as it goes.
 * {@link #requestStop} may come from any thread; the rest from one.
 */
public final class TrainingRun implements TrainingListener, AutoCloseable {
    /** At most this much work is lost when the machine goes down. */
    private static final double CHECKPOINT_SECONDS = 600;

    private static final long UNBOUNDED = Integer.MAX_VALUE;

    private final Console console;
    private final Device device;
    private final RunSettings settings;
    private final RunFolder folder;
    private final Category category;
    private final MaskReader masks;
    private final HeldOutSplit split;
    private final DType activations;
    private final DetectorModel model;
    private final Workspace workspace;
    private final Trainer trainer;
    private Judge judge;
    private LossLog losses;
    private Progress display;
    private RunProgress progress = RunProgress.START;
    private Judge.Calibrated calibrated = new Judge.Calibrated(Calibration.NONE, FrameRange.ANY, Evidence.NONE);
    private Int8Calibration int8 = Int8Calibration.NONE;
    private long judgedStep = -1;
    private long calibratedStep = -1;
    private long savedStep;
    private volatile boolean interrupted;
    private boolean completed;

    /**
     * @param settings complete: memory mode, micro-batch and precision chosen; @param masks reads the masks of the test
     *     set
     */
    public TrainingRun(
            Console console,
            Device device,
            RunSettings settings,
            RunFolder folder,
            Category category,
            MaskReader masks) {
        this.console = console;
        this.device = device;
        this.settings = settings;
        this.folder = folder;
        this.category = category;
        this.masks = masks;
        this.split = HeldOutSplit.of(category, settings.validationShare(), settings.heldOutWished(), settings.seed());
        this.activations = settings.precision().on(device);
        this.model = new DetectorModel(settings.model(), device, true);
        this.workspace = new Workspace(device, "training");
        this.trainer = new Trainer(
                model.unet(),
                model.segmentation(),
                settings.model().diffusion().noiseSchedule(),
                workspace,
                device.ops(),
                settings.training(activations));
    }

    /** Optimisation steps in all; 0 when time decides. */
    public long plannedSteps() {
        return settings.budget().stepsFor(split.training().train().size(), settings.batch());
    }

    public HeldOutSplit split() {
        return split;
    }

    MaskReader masks() {
        return masks;
    }

    public DetectorModel model() {
        return model;
    }

    /** Judges the model as it is; open while the run is. */
    Judge judge() {
        return judge;
    }

    public RunProgress progress() {
        return progress;
    }

    /**
     * Trains to the end of the budget or until a stop is requested.
     *
     * @param resume whether to go on from the folder's resume file
     * @param secondsAStep estimate, for the intervals of timed runs
     * @return steps done in all
     */
    public long run(boolean resume, double secondsAStep) throws IOException {
        AnomalySynthesizer source = AnomalySynthesizer.of(split.training(), settings.synthesis(), Purpose.SYNTHESIS);
        console.note(
                "%s: %d good images train, %d are held out; anomalies: %s",
                category.name(),
                split.training().train().size(),
                split.heldOut() == null ? 0 : split.heldOut().train().size(),
                source.description());
        ValidationSet validation =
                split.heldOut() == null ? ValidationSet.NONE : ValidationSet.of(split.heldOut(), settings.synthesis());
        judge = new Judge(
                device,
                model,
                settings.model(),
                activations,
                validation,
                source.images(),
                settings.falseAlarmRate(),
                settings.microBatch());
        long done = resume ? restore() : begin();
        savedStep = done;
        folder.setState(RunFolder.State.TRAINING, done);
        losses = LossLog.open(folder.losses(), done);
        Trainer.Plan plan = plan(secondsAStep);
        display = console.progress(
                "train " + category.name(),
                "step",
                plan.steps() == UNBOUNDED ? expectedSteps(done, secondsAStep) : plan.steps());
        try (Progress shown = display;
                LossLog log = losses) {
            shown.resumeAt(done);
            long steps = timeIsUp() || done >= plan.steps() ? done : trainer.run(source, done, plan, this);
            completed = timeIsUp() || steps >= plan.steps();
            return steps;
        } catch (UncheckedIOException e) {
            throw stopped(e.getCause());
        } catch (IOException e) {
            throw stopped(e);
        }
    }

    /** The latest step that the run can go on from; 0 for its beginning. */
    public long savedStep() {
        return savedStep;
    }

    /** The run's state is what was saved, not what was under way. */
    private IOException stopped(IOException failure) {
        try {
            folder.setState(RunFolder.State.INTERRUPTED, savedStep);
        } catch (IOException e) {
            failure.addSuppressed(e); // no room for that either: a run that says it trains can be gone on with as well
        }
        return failure;
    }

    /** Ends {@link #run} after the step in progress, saved. */
    public void requestStop() {
        interrupted = true;
        trainer.requestStop();
    }

    /** Whether {@link #run} ended before its budget was used up. */
    public boolean wasInterrupted() {
        return interrupted && !completed;
    }

    @Override
    public void stepDone(StepReport report) {
        progress = progress.plusSeconds(report.seconds());
        io(() -> losses.append(report));
        display.note(String.format(Locale.ROOT, "loss %.4f", report.losses().total()));
        if (settings.budget().isTimed()) {
            double perStep = progress.trainedSeconds() / report.step();
            display.total(Math.max(report.step(), Math.round(settings.budget().minutes() * 60 / perStep)));
        }
        display.at(report.step());
        if (timeIsUp()) {
            trainer.requestStop();
        }
    }

    @Override
    public void evaluate(long step) {
        judge(step, done -> {
            display.note("judged image " + done);
            display.at(step);
        });
    }

    private void judge(long step, LongConsumer judged) {
        boolean onTest = settings.select() == RunSettings.Select.TEST;
        if (!onTest && !judge.hasValidation()) {
            return;
        }
        Judge.Verdict verdict = onTest ? judge.onTest(category, masks, judged) : judge.onValidation(judged);
        judgedStep = step;
        boolean best = verdict.score() > progress.bestScore();
        console.note(
                "%s, step %d: %s image AUROC %.3f, pixel AP %.3f%s",
                category.name(),
                step,
                onTest ? "test" : "held-out synthetic",
                verdict.metrics().imageAuroc(),
                verdict.metrics().pixelAp(),
                best ? " (best so far)" : "");
        if (best) {
            progress = progress.withBest(step, verdict.score());
            calibrate(step, judged);
            io(() -> Checkpoint.writeModel(folder.best(), card(step), model));
        }
    }

    @Override
    public void checkpoint(long step) {
        io(() -> {
            losses.flush();
            Checkpoint.writeResume(folder.resumeFile(), card(step), progress.toMetadata(), model);
            savedStep = step;
            Checkpoint.writeModel(folder.last(), card(step), model);
            folder.setState(RunFolder.State.INTERRUPTED, step);
        });
    }

    /**
     * Judges once more where the last step was not, calibrates it, draws the losses, and marks the run as
     * finished. @return whether there is a best checkpoint
     */
    public boolean finish(long step) throws IOException {
        try (Progress shown = console.progress("calibrate " + category.name(), "image", judge.calibrationImages())) {
            if (judgedStep != step) {
                judge(step, shown::at);
            }
            calibrate(step, shown::at);
        }
        Checkpoint.writeModel(folder.last(), card(step), model);
        console.note(
                "%s: threshold %.4f: %s",
                category.name(),
                card(step).calibration().threshold(),
                card(step).calibration().promise());
        card(step).warnings().forEach(warning -> console.note("%s: warning: %s", category.name(), warning));
        drawLosses();
        folder.setState(RunFolder.State.FINISHED, step);
        return progress.bestStep() > 0;
    }

    /** The loss curve as a picture, where the machine can draw one. */
    public void drawLosses() throws IOException {
        Optional<BufferedImage> plot = LossPlot.draw(folder.losses(), category.name() + ": training losses");
        if (plot.isPresent()) {
            OutputFile.writePng(folder.lossPlot(), plot.get());
        } else {
            console.note("no loss plot: this machine has no fonts (apt-get install fontconfig fonts-dejavu-core)");
        }
    }

    @Override
    public void close() {
        if (judge != null) {
            judge.close();
        }
        workspace.close();
        model.close();
    }

    private long begin() throws IOException {
        folder.setState(RunFolder.State.TRAINING, 0); // from here on the folder is known as a run's, whatever happens
        settings.write(folder.config());
        model.initialise(settings.seed());
        return 0;
    }

    private long restore() throws IOException {
        ModelCard card = Checkpoint.readCard(folder.resumeFile());
        progress = RunProgress.fromMetadata(Checkpoint.readResume(folder.resumeFile(), model));
        calibrated = new Judge.Calibrated(card.calibration(), card.frames(), card.evidence());
        int8 = card.int8();
        console.note("%s: going on after step %d", category.name(), card.step());
        return card.step();
    }

    /** Once a step: a model that is the best and the last needs it for both. */
    private void calibrate(long step, LongConsumer images) {
        if (calibratedStep != step) {
            calibrated = judge.calibrate(images);
            int8 = judge.calibrateInt8(images);
            calibratedStep = step;
        }
    }

    private Trainer.Plan plan(double secondsAStep) {
        long steps = settings.budget().isTimed() ? UNBOUNDED : plannedSteps();
        long evaluation =
                settings.evaluationInterval(settings.budget().isTimed() ? expectedSteps(0, secondsAStep) : steps);
        long checkpoint = Math.max(1, Math.min(evaluation, Math.round(CHECKPOINT_SECONDS / secondsAStep)));
        int loaders = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        return new Trainer.Plan(steps, evaluation, checkpoint, loaders);
    }

    private long expectedSteps(long done, double secondsAStep) {
        return done
                + Math.max(
                        1, Math.round((settings.budget().minutes() * 60 - progress.trainedSeconds()) / secondsAStep));
    }

    private boolean timeIsUp() {
        return settings.budget().isTimed()
                && progress.trainedSeconds() >= settings.budget().minutes() * 60;
    }

    private ModelCard card(long step) {
        return new ModelCard(
                settings.model(),
                category.name(),
                step,
                settings.seed(),
                calibrated.thresholds(),
                int8,
                calibrated.frames(),
                calibrated.evidence());
    }

    private interface FileAction {
        void run() throws IOException;
    }

    /** Listeners cannot throw what file access throws; {@link #run} unwraps it. */
    private static void io(FileAction action) {
        try {
            action.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
