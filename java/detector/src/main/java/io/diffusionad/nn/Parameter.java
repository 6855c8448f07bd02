package io.diffusionad.nn;

import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;

/**
 * A named piece of a {@link ParameterStore}: where it lies in the slab, its shape in checkpoints and in memory, and how
 * it starts. It points at memory once the store is built.
 */
public final class Parameter {
    /** How a parameter starts: {@code U(-1/√fan_in, 1/√fan_in)}, all zero or all one. */
    enum Start {
        UNIFORM,
        ZERO,
        ONE
    }

    private final String name;
    private final int[] referenceShape;
    private final boolean convolution;
    private final Start start;
    private final int fanIn;
    private final boolean trainable;
    private Weight weight;
    private Tensor gradient;

    Parameter(String name, int[] referenceShape, boolean convolution, Start start, int fanIn, boolean trainable) {
        this.name = name;
        this.referenceShape = referenceShape;
        this.convolution = convolution;
        this.start = start;
        this.fanIn = fanIn;
        this.trainable = trainable;
    }

    /** As in the reference's {@code state_dict}: {@code down.1.0.in_layers.2.weight}. */
    public String name() {
        return name;
    }

    /**
     * Shape in checkpoints: (K, C, R, S) for convolutions, (K, C, 1) for those of attention, (K, C) for linear layers,
     * (K) for the rest.
     */
    public int[] referenceShape() {
        return referenceShape.clone();
    }

    public int elements() {
        return Math.toIntExact(Tensor.elements(referenceShape));
    }

    /** Whether Adam moves it; running statistics are not. */
    public boolean trainable() {
        return trainable;
    }

    /** The values with their version; (K, R, S, C) for convolutions, else as in checkpoints. */
    public Weight weight() {
        return weight;
    }

    public Tensor value() {
        return weight.value();
    }

    /** @throws IllegalStateException when the network was not built for training */
    public Tensor gradient() {
        if (gradient == null) {
            throw new IllegalStateException(
                    "parameter " + name + " has no gradient: the network was built for inference");
        }
        return gradient;
    }

    Start start() {
        return start;
    }

    int fanIn() {
        return fanIn;
    }

    void bind(Tensor value, Tensor boundGradient) {
        weight = new Weight(name, value);
        gradient = boundGradient;
    }

    /** (K, C, R, S) or (K, C, 1) becomes (K, R, S, C). */
    int[] memoryShape() {
        if (!convolution) {
            return referenceShape.clone();
        }
        int kernel = kernel();
        return new int[] {referenceShape[0], kernel, kernel, referenceShape[1]};
    }

    private int kernel() {
        return referenceShape.length == 4 ? referenceShape[2] : 1;
    }
}
