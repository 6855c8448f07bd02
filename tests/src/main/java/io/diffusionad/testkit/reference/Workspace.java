package io.diffusionad.testkit.reference;

import io.diffusionad.ops.Activation;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** What every family of reference operations works with: a memory, an arithmetic, and a parallel loop. */
record Workspace(TensorMemory memory, Arithmetic arithmetic) {
    double[] read(Tensor tensor) {
        return memory.read(tensor);
    }

    /** The elements of a tensor that may be absent: then null. */
    double[] readOrNull(Tensor tensor) {
        return tensor == null ? null : memory.read(tensor);
    }

    void write(Tensor tensor, double[] values) {
        double[] stored = new double[values.length];
        Arrays.setAll(stored, i -> arithmetic.store(values[i], tensor.dtype()));
        memory.write(tensor, stored);
    }

    /** {@code tensor = values}, or {@code tensor += values} when {@code accumulate}. */
    void write(Tensor tensor, double[] values, boolean accumulate) {
        if (!accumulate) {
            write(tensor, values);
            return;
        }
        double[] sum = read(tensor);
        Arrays.setAll(sum, i -> round(sum[i] + store(values[i], tensor.dtype())));
        write(tensor, sum);
    }

    double round(double value) {
        return arithmetic.round(value);
    }

    double store(double value, DType type) {
        return arithmetic.store(value, type);
    }

    void addScaled(double[] sum, int sumAt, double factor, double[] values, int valuesAt, int count) {
        arithmetic.addScaled(sum, sumAt, factor, values, valuesAt, count);
    }

    /**
     * Runs {@code body} for 0 … count-1 in parallel; bodies write apart from each other, so the result does not depend
     * on the order.
     */
    static void parallel(int count, IntConsumer body) {
        IntStream.range(0, count).parallel().forEach(body);
    }

    double sigmoid(double x) {
        return round(1 / round(1 + round(Math.exp(-x))));
    }

    double activate(Activation activation, double x) {
        return switch (activation) {
            case NONE -> x;
            case SILU -> round(x * sigmoid(x));
            case RELU -> Math.max(x, 0);
            case SIGMOID -> sigmoid(x);
        };
    }

    /** The derivative of an activation at its input. */
    double slope(Activation activation, double x) {
        double s = sigmoid(x);
        return switch (activation) {
            case NONE -> 1;
            case SILU -> round(s * round(1 + round(x * round(1 - s))));
            case RELU -> x > 0 ? 1 : 0;
            case SIGMOID -> round(s * round(1 - s));
        };
    }
}
