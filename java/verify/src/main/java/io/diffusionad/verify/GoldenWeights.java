package io.diffusionad.verify;

import io.diffusionad.nn.ParameterStore;

import java.util.Arrays;

/**
 * Weights and probe vectors by formula: a recording stores none, both sides compute them from a tensor's position in
 * the {@code state_dict} and a salt.
 */
public final class GoldenWeights {
    /**
     * Probe vectors of parameter gradients and changes use position {@code PARAMETER_PROBE + position in the file's
     * list}.
     */
    public static final long PARAMETER_PROBE = 5000;
    /** Probe vectors of block outputs use this position. */
    public static final long BLOCK_PROBE = 7000;

    private GoldenWeights() {}

    /**
     * {@code u} in [-1, 1) at flat index {@code i} of tensor number {@code k}: SplitMix64's finaliser over a counter.
     */
    public static double uniform(long k, long i) {
        long x = (k << 40) + i + 0x9E3779B97F4A7C15L;
        x = (x ^ (x >>> 30)) * 0xbf58476d1ce4e5b9L;
        x = (x ^ (x >>> 27)) * 0x94d049bb133111ebL;
        x = x ^ (x >>> 31);
        return (x >>> 11) * 0x1p-53 * 2 - 1;
    }

    /**
     * The values of a tensor in reference order: {@code u·sqrt(3 / fan_in)} for weights of two and more dimensions,
     * {@code 1 + 0.1u} for scales of norms, {@code 0.05u} for biases, {@code 0.1u} and {@code 1 + 0.5u} for running
     * means and variances, 0 for batch counters.
     *
     * @param position in the {@code state_dict}
     */
    public static float[] values(String name, int[] shape, long position, long salt) {
        float[] values = new float[Arrays.stream(shape).reduce(1, Math::multiplyExact)];
        Formula formula = Formula.of(name, shape);
        for (int i = 0; i < values.length; i++) {
            values[i] = formula.value(uniform(position + salt, i));
        }
        return values;
    }

    /** {@code offset + scale·u} */
    record Formula(double offset, double scale) {
        static Formula of(String name, int[] shape) {
            if (name.endsWith("num_batches_tracked")) {
                return new Formula(0, 0);
            }
            if (shape.length >= 2) {
                int fanIn = Arrays.stream(shape).skip(1).reduce(1, Math::multiplyExact);
                return new Formula(0, Math.sqrt(3.0 / fanIn));
            }
            if (name.endsWith("running_mean")) {
                return new Formula(0, 0.1);
            }
            if (name.endsWith("running_var")) {
                return new Formula(1, 0.5);
            }
            return name.endsWith("weight") ? new Formula(1, 0.1) : new Formula(0, 0.05);
        }

        float value(double u) {
            return (float) (offset + scale * u);
        }
    }

    /** Fills every entry of a network. */
    public static void fill(ParameterStore parameters, long salt) {
        long position = 0;
        for (String name : parameters.names()) {
            parameters.importReference(name, values(name, parameters.referenceShape(name), position++, salt));
        }
    }

    /** Dot product in float64 with the probe vector of {@code position}. */
    public static double dot(float[] values, long position) {
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += values[i] * uniform(position, i);
        }
        return sum;
    }
}
