package io.diffusionad.diffusion;

import io.diffusionad.nn.Pass;
import io.diffusionad.nn.UNet;
import io.diffusionad.random.Purpose;
import io.diffusionad.tensor.Tensor;

import java.util.Arrays;

/**
 * Reconstructs images in one step (arXiv 2303.08730, SPEC §7): noise once, predict the noise once, solve for the clean
 * image. With norm guidance the two noise scales run as one batch of the network, or one after the other on a device
 * that one image keeps busy; the numbers are the same.
 */
public final class OneStepDenoiser {
    private final UNet unet;
    private final NoiseSchedule schedule;
    private final Scales scales;

    /**
     * @param small timestep of the small noise scale
     * @param big timestep of the big noise scale
     * @param guidance weight of the guidance, 0 for none
     */
    public record Scales(int small, int big, float guidance) {
        /** The reference's scales at test time. */
        public static final Scales DEFAULT = new Scales(200, 400, 1f);
    }

    /** @throws IllegalArgumentException when a scale is not a timestep of the schedule */
    public OneStepDenoiser(UNet unet, NoiseSchedule schedule, Scales scales) {
        schedule.requireTimestep("the small noise scale", scales.small);
        schedule.requireTimestep("the big noise scale", scales.big);
        if (!Float.isFinite(scales.guidance)) {
            throw new IllegalArgumentException("the guidance weight must be a number, not " + scales.guidance);
        }
        this.unet = unet;
        this.schedule = schedule;
        this.scales = scales;
    }

    /**
     * Norm-guided reconstruction with noise that depends on the seed and each image's number only, whatever the batch.
     *
     * @param x0 images (N, H, W, 3) float32 in [0, 1]
     * @param samples a number an image, N of them
     */
    public Reconstruction reconstruct(Pass pass, Tensor x0, long seed, long... samples) {
        Tensor noiseSmall = pass.float32(x0.dims());
        Tensor noiseBig = pass.float32(x0.dims());
        Tensor numbers = pass.upload(samples);
        pass.ops().gaussianNoise(noiseSmall, numbers, seed, Purpose.NOISE_SMALL.code());
        pass.ops().gaussianNoise(noiseBig, numbers, seed, Purpose.NOISE_BIG.code());
        return reconstruct(pass, x0, noiseSmall, noiseBig);
    }

    /** As {@link #reconstruct(Pass, Tensor, long, long...)} with given noise, each like x0. */
    public Reconstruction reconstruct(Pass pass, Tensor x0, Tensor noiseSmall, Tensor noiseBig) {
        int n = x0.dim(0);
        long[] t = timesteps(n, scales.small, scales.big);
        long[] tSmall = Arrays.copyOfRange(t, 0, n);
        long[] tBig = Arrays.copyOfRange(t, n, 2 * n);
        Tensor xt = pass.float32(2 * n, x0.dim(1), x0.dim(2), x0.dim(3));
        Tensor xtSmall = xt.slice(0, n);
        Tensor xtBig = xt.slice(n, 2 * n);
        pass.ops()
                .addNoise(
                        xtSmall,
                        x0,
                        noiseSmall,
                        pass.upload(new int[] {n, 2}, Coefficients.addNoise(schedule, tSmall)));
        pass.ops().addNoise(xtBig, x0, noiseBig, pass.upload(new int[] {n, 2}, Coefficients.addNoise(schedule, tBig)));
        Tensor epsSmall;
        Tensor epsBig;
        if (pass.device().isBusyWithOneImage()) {
            epsSmall = unet.forward(pass, xtSmall, pass.upload(tSmall));
            epsBig = unet.forward(pass, xtBig, pass.upload(tBig));
        } else {
            Tensor eps = unet.forward(pass, xt, pass.upload(t));
            epsSmall = eps.slice(0, n);
            epsBig = eps.slice(n, 2 * n);
        }
        Tensor x0Guided = pass.float32(x0.dims());
        Tensor x0Big = pass.float32(x0.dims());
        Tensor xtRenoised = pass.float32(x0.dims());
        pass.ops()
                .normGuidanceForward(
                        x0Guided,
                        x0Big,
                        xtRenoised,
                        xtSmall,
                        xtBig,
                        epsSmall,
                        epsBig,
                        pass.upload(new int[] {n, 6}, Coefficients.normGuidance(schedule, tSmall, tBig)),
                        scales.guidance);
        Tensor x0Small = pass.float32(x0.dims());
        pass.ops()
                .predictX0(
                        x0Small,
                        xtSmall,
                        epsSmall,
                        pass.upload(new int[] {n, 2}, Coefficients.predictX0(schedule, tSmall)));
        return new Reconstruction(
                x0Guided, x0Small, x0Big, xtSmall, xtBig, xtRenoised, noiseSmall, noiseBig, epsSmall, epsBig);
    }

    /**
     * Reconstruction from the small scale alone, without guidance: half the work.
     *
     * @return x̂0 (N, H, W, 3) in [-1, 1], in the pass's main arena
     */
    public Tensor reconstructSingleScale(Pass pass, Tensor x0, long seed, long... samples) {
        int n = x0.dim(0);
        long[] t = new long[n];
        Arrays.fill(t, scales.small);
        Tensor result = pass.float32(x0.dims());
        Tensor noise = pass.float32(x0.dims());
        pass.ops().gaussianNoise(noise, pass.upload(samples), seed, Purpose.NOISE_SMALL.code());
        Tensor xt = pass.float32(x0.dims());
        pass.ops().addNoise(xt, x0, noise, pass.upload(new int[] {n, 2}, Coefficients.addNoise(schedule, t)));
        Tensor eps = unet.forward(pass, xt, pass.upload(t));
        pass.ops().predictX0(result, xt, eps, pass.upload(new int[] {n, 2}, Coefficients.predictX0(schedule, t)));
        return result;
    }

    private static long[] timesteps(int n, int small, int big) {
        long[] t = new long[2 * n];
        Arrays.fill(t, 0, n, small);
        Arrays.fill(t, n, 2 * n, big);
        return t;
    }
}
