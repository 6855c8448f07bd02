package io.diffusionad.app.run;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.diffusionad.error.InvalidInputException;

/**
 * How long a run trains: exactly one of the three is positive. Minutes bound the wall-clock time of training itself, so
 * the number of steps (and with it the result) depends on the machine; the other two are exact.
 */
public record Budget(long steps, long epochs, double minutes) {
    public Budget {
        int given = (steps != 0 ? 1 : 0) + (epochs != 0 ? 1 : 0) + (minutes != 0 ? 1 : 0);
        if (given != 1 || steps < 0 || epochs < 0 || !(minutes >= 0 && minutes <= 1e6)) {
            throw new InvalidInputException("give one positive --steps, --epochs or --minutes (not " + steps
                    + " steps, " + epochs + " epochs, " + minutes + " minutes)");
        }
    }

    public static Budget steps(long steps) {
        return new Budget(steps, 0, 0);
    }

    public static Budget epochs(long epochs) {
        return new Budget(0, epochs, 0);
    }

    public static Budget minutes(double minutes) {
        return new Budget(0, 0, minutes);
    }

    @JsonIgnore
    public boolean isTimed() {
        return minutes > 0;
    }

    /**
     * Optimisation steps for a training set of {@code images}: the last partial batch of an epoch is dropped; 0 when
     * time decides.
     */
    public long stepsFor(int images, int batch) {
        if (isTimed()) {
            return 0;
        }
        return steps > 0 ? steps : Math.multiplyExact(epochs, (long) Math.max(1, images / batch));
    }

    @Override
    public String toString() {
        return isTimed() ? minutes + " minutes" : steps > 0 ? steps + " steps" : epochs + " epochs";
    }
}
