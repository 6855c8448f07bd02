package io.diffusionad.diffusion;

import io.diffusionad.nn.Pass;
import io.diffusionad.random.Purpose;
import io.diffusionad.tensor.Tensor;

/** Supplies an iterative sampler with standard normal noise. */
@FunctionalInterface
public interface NoiseSource {
    /**
     * @param noise (N, H, W, C) float32, overwritten
     * @param draw 0 for the noise that starts the chain, then 1, 2, … a step
     */
    void fill(Pass pass, Tensor noise, int draw);

    /** Noise that depends on the seed, the draw and each image's number (below 2^40) only. */
    static NoiseSource seeded(long seed, long... samples) {
        return (pass, noise, draw) -> {
            long[] streams = samples.clone();
            for (int n = 0; n < streams.length; n++) {
                streams[n] += (long) draw << 40;
            }
            try (var scope = pass.arena().scope()) {
                pass.ops().gaussianNoise(noise, pass.upload(streams), seed, Purpose.SAMPLER.code());
            }
        };
    }
}
