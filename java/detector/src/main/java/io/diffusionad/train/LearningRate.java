package io.diffusionad.train;

/** A learning rate as a function of the step. */
@FunctionalInterface
public interface LearningRate {
    /** @param step 0 for the first */
    double at(long step);

    static LearningRate constant(double rate) {
        return step -> rate;
    }
}
