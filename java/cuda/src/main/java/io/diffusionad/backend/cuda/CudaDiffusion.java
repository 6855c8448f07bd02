package io.diffusionad.backend.cuda;

import io.diffusionad.tensor.Tensor;

/**
 * The noise step, reconstruction, norm guidance and sampler formulas ({@code kernels/diffusion.cu}) and the time
 * embedding ({@code kernels/embedding.cu}).
 */
final class CudaDiffusion {
    private static final int BLOCK = 256;
    private static final int EMBEDDING_BLOCK = 128;

    private final Launch launch;

    CudaDiffusion(Launch launch) {
        this.launch = launch;
    }

    void timestepEmbedding(Tensor y, Tensor t) {
        launch.kernel("timestep_embedding")
                .pointer(y)
                .pointer(t)
                .i32(y.dim(0), y.dim(1))
                .over(y.elements() / 2, EMBEDDING_BLOCK);
    }

    void gaussianNoise(Tensor y, Tensor samples, long seed, int purpose) {
        launch.kernel("gaussian_noise")
                .pointer(y)
                .pointer(samples)
                .i64(seed)
                .i32(purpose, y.dim(0))
                .i64((long) y.dim(1) * y.dim(2))
                .i32(y.dim(3))
                .over((y.elements() + 3) / 4, BLOCK);
    }

    void addNoise(Tensor xt, Tensor x0, Tensor noise, Tensor coefficients) {
        over(launch.kernel("add_noise").pointer(xt).pointer(x0).pointer(noise).pointer(coefficients), xt);
    }

    void predictX0(Tensor x0, Tensor xt, Tensor eps, Tensor coefficients) {
        over(launch.kernel("predict_x0").pointer(x0).pointer(xt).pointer(eps).pointer(coefficients), x0);
    }

    void normGuidanceForward(
            Tensor x0Guided,
            Tensor x0Noisier,
            Tensor xtRenoised,
            Tensor xtSmall,
            Tensor xtBig,
            Tensor epsSmall,
            Tensor epsBig,
            Tensor coefficients,
            float w) {
        over(
                launch.kernel("norm_guidance_forward")
                        .pointer(x0Guided)
                        .pointer(x0Noisier)
                        .pointer(xtRenoised)
                        .pointer(xtSmall)
                        .pointer(xtBig)
                        .pointer(epsSmall)
                        .pointer(epsBig)
                        .pointer(coefficients)
                        .f32(w),
                x0Guided);
    }

    void normGuidanceBackward(
            Tensor depsSmall,
            Tensor depsBig,
            Tensor dx0Guided,
            Tensor xtSmall,
            Tensor xtBig,
            Tensor epsSmall,
            Tensor epsBig,
            Tensor coefficients,
            float w) {
        over(
                launch.kernel("norm_guidance_backward")
                        .pointer(depsSmall)
                        .pointer(depsBig)
                        .pointer(dx0Guided)
                        .pointer(xtSmall)
                        .pointer(xtBig)
                        .pointer(epsSmall)
                        .pointer(epsBig)
                        .pointer(coefficients)
                        .f32(w),
                depsSmall);
    }

    void samplerStep(Tensor xPrevious, Tensor x0, Tensor xt, Tensor eps, Tensor noise, Tensor coefficients) {
        over(
                launch.kernel("sampler_step")
                        .pointer(xPrevious)
                        .pointer(x0)
                        .pointer(xt)
                        .pointer(eps)
                        .pointer(noise)
                        .pointer(coefficients),
                xPrevious);
    }

    /** The sizes that end every argument list: samples, and elements a sample. */
    private static void over(Launch arguments, Tensor images) {
        arguments.i32(images.dim(0)).i64(images.elements() / images.dim(0)).over(images.elements(), BLOCK);
    }
}
