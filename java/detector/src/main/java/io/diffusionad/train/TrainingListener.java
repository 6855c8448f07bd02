package io.diffusionad.train;

/** Hears from a {@link Trainer}, on its thread, between steps. */
public interface TrainingListener {
    /**
     * After every step.
     *
     * @param step steps done so far, this one included
     * @param losses of this step
     * @param unetRate learning rate that this step used
     * @param segmentationRate learning rate that this step used
     * @param seconds that this step took, waiting for samples included
     */
    record StepReport(long step, Losses losses, double unetRate, double segmentationRate, double seconds) {}

    /** After every step. */
    default void stepDone(StepReport report) {}

    /** Every so many steps as the schedule says, and after the last one: networks may be run forward, not changed. */
    default void evaluate(long step) {}

    /**
     * Every so many steps as the schedule says, after the last one, and on a stop: the state after {@code step} steps
     * is to be saved.
     */
    default void checkpoint(long step) {}
}
