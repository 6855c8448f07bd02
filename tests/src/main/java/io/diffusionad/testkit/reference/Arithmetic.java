package io.diffusionad.testkit.reference;

import io.diffusionad.device.Transfers;
import io.diffusionad.tensor.DType;

/**
 * How the reference operations round. The same formulas run in both arithmetics, which gives every operation its exact
 * result and the error that a straightforward implementation makes: the yardstick of
 * {@link io.diffusionad.testkit.Tolerance}.
 */
public enum Arithmetic {
    /** float64 throughout; nothing is rounded until a device's memory stores it. */
    EXACT {
        @Override
        double round(double value) {
            return value;
        }

        @Override
        double store(double value, DType type) {
            return value;
        }

        @Override
        void addScaled(double[] sum, int sumAt, double factor, double[] values, int valuesAt, int count) {
            for (int i = 0; i < count; i++) {
                sum[sumAt + i] += factor * values[valuesAt + i];
            }
        }
    },

    /**
     * One float32 rounding after every sum and product, sums in plain order, and every intermediate that an unfused
     * implementation would keep in memory rounded to the activations' type. (A double rounded to float after one
     * operation is the correctly rounded float result.)
     */
    NAIVE {
        @Override
        double round(double value) {
            return (float) value;
        }

        @Override
        double store(double value, DType type) {
            return type == DType.BFLOAT16 ? Transfers.fromBfloat16(Transfers.toBfloat16((float) value)) : (float) value;
        }

        @Override
        void addScaled(double[] sum, int sumAt, double factor, double[] values, int valuesAt, int count) {
            for (int i = 0; i < count; i++) {
                sum[sumAt + i] = (float) (sum[sumAt + i] + (float) (factor * values[valuesAt + i]));
            }
        }
    };

    /** The result of one arithmetic operation. */
    abstract double round(double value);

    /** A value as it comes back from a tensor of {@code type}. */
    abstract double store(double value, DType type);

    /** {@code sum[i] += factor·values[i]}. */
    abstract void addScaled(double[] sum, int sumAt, double factor, double[] values, int valuesAt, int count);
}
