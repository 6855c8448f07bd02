package io.diffusionad.testkit;

import io.diffusionad.random.Philox;
import io.diffusionad.random.PhiloxRandom;
import io.diffusionad.random.Purpose;

/** How a test operand is filled; a pure function of the seed and the operand's position. */
@FunctionalInterface
public interface Values {
    /** The next value; {@code normal} and {@code uniform} draw from the operand's own random stream. */
    double next(PhiloxRandom random);

    static Values normal(double scale) {
        return random -> scale * random.nextGaussian();
    }

    static Values normalAround(double mean, double scale) {
        return random -> mean + scale * random.nextGaussian();
    }

    static Values uniform(double low, double high) {
        return random -> low + (high - low) * Philox.uniform(random.nextInt());
    }

    static Values constant(double value) {
        return random -> value;
    }

    /** Whole numbers in [low, high). */
    static Values integers(int low, int high) {
        return random -> random.nextInt(low, high);
    }

    static Values oneOf(double... choices) {
        return random -> choices[random.nextInt(choices.length)];
    }

    /** {@code count} values of operand number {@code operand} under {@code seed}. */
    default double[] fill(int count, long seed, int operand) {
        PhiloxRandom random = new PhiloxRandom(seed, Purpose.TEST, operand);
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = next(random);
        }
        return values;
    }
}
