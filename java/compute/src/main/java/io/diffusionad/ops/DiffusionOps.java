package io.diffusionad.ops;

import io.diffusionad.tensor.Tensor;

/**
 * The diffusion formulas of SPEC §7 on float32 images (N, H, W, 3); coefficients come from the schedule, one row a
 * sample, as device tensors so that a recorded sequence of operations can be replayed with other values.
 */
public interface DiffusionOps {
    /**
     * Standard normal noise: element e of sample n is {@code Philox.normals(seed, purpose, samples[n])[e]}, e counted
     * within the sample in <b>NCHW</b> order (channel-major), so that a stored recording and another layout read the
     * same numbers.
     *
     * @param y (N, H, W, C) float32; @param samples (N) int64
     */
    void gaussianNoise(Tensor y, Tensor samples, long seed, int purpose);

    /** {@code xt = c[n][0]·x0 + c[n][1]·noise}; @param coefficients (N, 2) = (√ᾱ, √(1-ᾱ)) */
    void addNoise(Tensor xt, Tensor x0, Tensor noise, Tensor coefficients);

    /** {@code x0 = clamp(c[n][0]·xt - c[n][1]·eps, -1, 1)}; @param coefficients (N, 2) = (√(1/ᾱ), √(1/ᾱ - 1)) */
    void predictX0(Tensor x0, Tensor xt, Tensor eps, Tensor coefficients);

    /**
     * Norm guidance in one pass (SPEC §7): from the two noised images and predicted noises to the guided
     * reconstruction.
     *
     * @param x0Guided out
     * @param x0Noisier out: clamped x̂0 of the big scale, or null
     * @param xtRenoised out: x̃_s, the erased image noised again, or null
     * @param coefficients (N, 6) = (√ᾱ_s, √(1-ᾱ_s), √(1/ᾱ_s), √(1/ᾱ_s - 1), √(1/ᾱ_b), √(1/ᾱ_b - 1))
     * @param w guidance weight
     */
    void normGuidanceForward(
            Tensor x0Guided,
            Tensor x0Noisier,
            Tensor xtRenoised,
            Tensor xtSmall,
            Tensor xtBig,
            Tensor epsSmall,
            Tensor epsBig,
            Tensor coefficients,
            float w);

    /**
     * Gradients of {@link #normGuidanceForward}'s x0Guided by both predicted noises; zero where a clamp was active
     * (bounds included pass).
     */
    void normGuidanceBackward(
            Tensor depsSmall,
            Tensor depsBig,
            Tensor dx0Guided,
            Tensor xtSmall,
            Tensor xtBig,
            Tensor epsSmall,
            Tensor epsBig,
            Tensor coefficients,
            float w);

    /**
     * One step of a sampler, ancestral or DDIM: {@code x0 = clamp(c0·xt - c1·eps, -1, 1); xPrevious = c2·x0 + c3·xt +
     * c4·noise}.
     *
     * @param xPrevious may be xt
     * @param noise may be null when every c4 is 0
     * @param coefficients (N, 5)
     */
    void samplerStep(Tensor xPrevious, Tensor x0, Tensor xt, Tensor eps, Tensor noise, Tensor coefficients);
}
