package io.diffusionad.train;

import io.diffusionad.data.Prefetcher;
import io.diffusionad.data.SampleSource;
import io.diffusionad.diffusion.NoiseSchedule;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.nn.SegmentationNetwork;
import io.diffusionad.nn.UNet;
import io.diffusionad.nn.Workspace;
import io.diffusionad.ops.Ops;

/**
 * The training loop. A step is a pure function of the parameters, Adam's moments, the running statistics, the seed and
 * the step's number; so a run that is resumed from these goes on bit for bit like one that was never interrupted.
 * {@link #requestStop} may come from any thread; the rest from one.
 */
public final class Trainer {
    private final TrainingSettings settings;
    private final Workspace workspace;
    private final TrainingStep step;
    private final BatchFeeder feeder;
    private volatile boolean stopRequested;

    /**
     * @param steps at which to end, counted from the very first, earlier runs included
     * @param evaluateEvery steps between evaluations, 0 for none but the last
     * @param checkpointEvery steps between checkpoints, 0 for none but the last
     * @param loaderThreads workers that prepare samples
     */
    public record Plan(long steps, long evaluateEvery, long checkpointEvery, int loaderThreads) {
        public Plan {
            if (steps < 1 || evaluateEvery < 0 || checkpointEvery < 0 || loaderThreads < 1) {
                throw new InvalidInputException(
                        "a training plan needs at least 1 step and 1 loader thread and no negative intervals: " + steps
                                + " steps, " + loaderThreads + " threads, every " + evaluateEvery + " and "
                                + checkpointEvery + " steps");
            }
        }
    }

    /**
     * @param unet trainable
     * @param segmentation trainable
     * @param workspace memory of the steps; the caller closes it
     * @param ops the device's operations, possibly decorated
     */
    public Trainer(
            UNet unet,
            SegmentationNetwork segmentation,
            NoiseSchedule schedule,
            Workspace workspace,
            Ops ops,
            TrainingSettings settings) {
        this.settings = settings;
        this.workspace = workspace;
        this.step = new TrainingStep(unet, segmentation, schedule, workspace, ops, settings);
        this.feeder = new BatchFeeder(workspace, ops, settings, schedule.timesteps());
    }

    /** The step that the loop runs: for its learning rates and for profiles. */
    public TrainingStep step() {
        return step;
    }

    /**
     * Trains from step {@code done} to the end of the plan, or until a stop is requested. Step s takes samples s·batch
     * … s·batch + batch - 1 of the source.
     *
     * @param done steps that the networks' state has behind it: 0, or what the checkpoint says
     * @return steps done in all
     * @throws InvalidInputException when a loss is not a number; the weights are then those before that step
     */
    public long run(SampleSource source, long done, Plan plan, TrainingListener listener) {
        stopRequested = false;
        long current = done;
        boolean stopping = false;
        try (Prefetcher samples =
                new Prefetcher(source, done * settings.batch(), plan.loaderThreads, 2 * settings.batch())) {
            while (current < plan.steps && !stopping) {
                long started = System.nanoTime();
                Losses losses = runStep(samples, current);
                current++;
                listener.stepDone(new TrainingListener.StepReport(
                        current,
                        losses,
                        step.unetRate(current - 1),
                        step.segmentationRate(current - 1),
                        (System.nanoTime() - started) * 1e-9));
                stopping = stopRequested; // read once: a stop that comes later ends the run after the next step and its
                // checkpoint
                boolean last = current == plan.steps;
                if (last || due(current, plan.evaluateEvery)) {
                    listener.evaluate(current);
                }
                if (last || stopping || due(current, plan.checkpointEvery)) {
                    listener.checkpoint(current);
                }
            }
        }
        return current;
    }

    /** Ends {@link #run} after the step in progress and its checkpoint. */
    public void requestStop() {
        stopRequested = true;
    }

    private Losses runStep(Prefetcher samples, long current) {
        try (var scope = workspace.main().scope()) {
            StepInputs inputs = feeder.feed(samples.next(settings.batch()), current * settings.batch());
            Losses losses = step.computeGradients(inputs);
            if (!losses.finite()) {
                throw new InvalidInputException("the loss became " + losses.total() + " at step " + (current + 1)
                        + ", and no weight was changed by it: train again with a lower learning rate or in float32");
            }
            step.update(current);
            return losses;
        }
    }

    private static boolean due(long step, long interval) {
        return interval > 0 && step % interval == 0;
    }
}
