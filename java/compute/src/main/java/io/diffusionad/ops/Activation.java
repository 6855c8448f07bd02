package io.diffusionad.ops;

/** Pointwise functions that an operation applies to its result before writing it. SiLU is x·sigmoid(x). */
public enum Activation {
    NONE,
    SILU,
    RELU,
    SIGMOID
}
