package io.diffusionad.settings;

import io.diffusionad.diffusion.NoiseSchedule;
import io.diffusionad.error.InvalidInputException;

/**
 * The noise process and where on it a query image is looked at (SPEC §7).
 *
 * @param timesteps T, length of the noise schedule
 * @param schedule shape of the noise schedule
 * @param smallTimestep t_s at test time, 0 … T-1
 * @param bigTimestep t_b at test time, above t_s
 * @param guidance w, weight of the norm guidance; 0 switches it off
 */
public record DiffusionSettings(int timesteps, Schedule schedule, int smallTimestep, int bigTimestep, double guidance) {
    public static final DiffusionSettings DEFAULT = new DiffusionSettings(1000, Schedule.LINEAR, 200, 400, 1.0);

    /** Shapes of the noise schedule. */
    public enum Schedule {
        LINEAR,
        COSINE
    }

    /** @throws InvalidInputException for values out of range, with the range */
    public DiffusionSettings {
        if (timesteps < 2 || timesteps > 1_000_000) {
            throw new InvalidInputException(
                    "a noise schedule of " + timesteps + " steps is impossible: choose 2 to 1000000, usually 1000");
        }
        if (schedule == null) {
            throw new InvalidInputException("the noise schedule has no shape: choose linear or cosine");
        }
        if (smallTimestep < 0 || bigTimestep <= smallTimestep || bigTimestep >= timesteps) {
            throw new InvalidInputException("timesteps t_s = " + smallTimestep + " and t_b = " + bigTimestep
                    + " are out of range: 0 <= t_s < t_b < " + timesteps + " is needed");
        }
        if (!(guidance >= 0 && guidance <= 1000)) {
            throw new InvalidInputException(
                    "guidance weight " + guidance + " is out of range: choose 0 to 1000, usually 1");
        }
    }

    public NoiseSchedule noiseSchedule() {
        return schedule == Schedule.LINEAR ? NoiseSchedule.linear(timesteps) : NoiseSchedule.cosine(timesteps);
    }
}
