package io.diffusionad.diffusion;

import io.diffusionad.nn.Pass;
import io.diffusionad.nn.UNet;
import io.diffusionad.tensor.Tensor;

import java.util.Arrays;

/**
 * Reconstructs images by a chain of denoising steps, as earlier diffusion methods do: what one-step denoising is
 * compared with.
 */
public final class IterativeSampler {
    private final UNet unet;
    private final NoiseSchedule schedule;

    public IterativeSampler(UNet unet, NoiseSchedule schedule) {
        this.unet = unet;
        this.schedule = schedule;
    }

    /**
     * Noises the images as far as timestep {@code steps - 1} and walks back by {@code steps} ancestral steps (Ho et al.
     * 2020; x0 clamped, fixed variance).
     *
     * @param x0 images (N, H, W, 3) float32
     * @return (N, H, W, 3) in the pass's main arena
     */
    public Tensor ancestral(Pass pass, Tensor x0, int steps, NoiseSource noise) {
        schedule.requireTimestep("the start of the chain", steps - 1L);
        Tensor xt = start(pass, x0, steps - 1L, noise);
        for (int t = steps - 1; t >= 0; t--) {
            step(pass, xt, t, Coefficients.ancestral(schedule, x0.dim(0), t), t > 0 ? noise : null, steps - t);
        }
        return xt;
    }

    /**
     * Noises the images as far as timestep {@code from} and walks back in {@code steps} DDIM steps (Song et al. 2021),
     * spread evenly over the timesteps.
     *
     * @param steps 1 … from + 1
     * @param eta 0 for the deterministic sampler, 1 for DDPM's variance
     * @return (N, H, W, 3) in the pass's main arena
     */
    public Tensor ddim(Pass pass, Tensor x0, int from, int steps, double eta, NoiseSource noise) {
        schedule.requireTimestep("the start of the chain", from);
        if (steps < 1 || steps > from + 1) {
            throw new IllegalArgumentException(
                    "from timestep " + from + " there can be 1 to " + (from + 1) + " steps, not " + steps);
        }
        Tensor xt = start(pass, x0, from, noise);
        for (int i = 0; i < steps; i++) {
            long t = timestep(from, steps, i);
            long previous = timestep(from, steps, i + 1);
            float[] rows = Coefficients.ddim(schedule, x0.dim(0), t, previous, eta);
            step(pass, xt, t, rows, eta > 0 && previous >= 0 ? noise : null, i + 1);
        }
        return xt;
    }

    /** The i-th of the timesteps from {@code from} down to -1, the clean image, in equal strides. */
    private static long timestep(int from, int steps, int i) {
        return from - Math.round((from + 1.0) * i / steps);
    }

    private Tensor start(Pass pass, Tensor x0, long t, NoiseSource noise) {
        long[] timesteps = new long[x0.dim(0)];
        Arrays.fill(timesteps, t);
        Tensor xt = pass.float32(x0.dims());
        try (var scope = pass.arena().scope()) {
            Tensor drawn = pass.float32(x0.dims());
            noise.fill(pass, drawn, 0);
            pass.ops()
                    .addNoise(
                            xt,
                            x0,
                            drawn,
                            pass.upload(new int[] {x0.dim(0), 2}, Coefficients.addNoise(schedule, timesteps)));
        }
        return xt;
    }

    private void step(Pass pass, Tensor xt, long t, float[] coefficients, NoiseSource noise, int draw) {
        int n = xt.dim(0);
        long[] timesteps = new long[n];
        Arrays.fill(timesteps, t);
        try (var scope = pass.arena().scope()) {
            Tensor eps = unet.forward(pass, xt, pass.upload(timesteps));
            Tensor clean = pass.float32(xt.dims());
            Tensor drawn = noise == null ? null : pass.float32(xt.dims());
            if (noise != null) {
                noise.fill(pass, drawn, draw);
            }
            pass.ops().samplerStep(xt, clean, xt, eps, drawn, pass.upload(new int[] {n, 5}, coefficients));
        }
    }
}
