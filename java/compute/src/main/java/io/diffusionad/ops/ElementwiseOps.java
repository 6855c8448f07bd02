package io.diffusionad.ops;

import io.diffusionad.tensor.Tensor;

/** Pointwise operations. y may be x itself everywhere. */
public interface ElementwiseOps {
    void fill(Tensor y, float value);

    /** Copies, converting between float32 and bfloat16 (round to nearest even) where the types differ. */
    void copy(Tensor y, Tensor x);

    /** {@code y += scale·x}; same type. */
    void addScaled(Tensor y, Tensor x, float scale);

    /** SILU, RELU or SIGMOID. */
    void activationForward(Tensor y, Tensor x, Activation activation);

    /**
     * @param x the forward pass's <b>input</b> for SILU, its <b>output</b> for RELU and SIGMOID
     * @param dx may be dy
     */
    void activationBackward(Tensor dx, Tensor dy, Tensor x, Activation activation);

    /**
     * One step of Adam over whole slabs (Kingma and Ba 2015, bias-corrected): {@code m = b1·m + (1-b1)·g; v = b2·v +
     * (1-b2)·g²; p -= lr·(m/(1-b1^step)) / (sqrt(v/(1-b2^step)) + eps)}, with {@code g += weightDecay·p} before. All
     * float32 of one length.
     *
     * @param step 1 for the first
     */
    void adamStep(Tensor p, Tensor m, Tensor v, Tensor g, AdamSettings settings, float learningRate, int step);

    /** Hyper-parameters of {@link #adamStep}. */
    record AdamSettings(float beta1, float beta2, float eps, float weightDecay) {
        public static final AdamSettings DEFAULT = new AdamSettings(0.9f, 0.999f, 1e-8f, 0f);
    }
}
