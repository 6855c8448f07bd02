package io.diffusionad.benchmarks;

import io.diffusionad.diffusion.IterativeSampler;
import io.diffusionad.diffusion.NoiseSchedule;
import io.diffusionad.diffusion.NoiseSource;
import io.diffusionad.diffusion.OneStepDenoiser;
import io.diffusionad.nn.Pass;
import io.diffusionad.nn.UNet;
import io.diffusionad.settings.DiffusionSettings;
import io.diffusionad.tensor.Tensor;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A way to get from an image to its reconstruction, by the name it has in results: {@code norm-guided} and
 * {@code single-scale} take one step; {@code ddim-N} walks back from the big noise scale in N deterministic steps;
 * {@code ancestral-N} walks back N ancestral steps, as AnoDDPM does.
 */
public record ReconstructionMethod(String name, int unetPasses, Reconstructor reconstructor) {
    /** What the speed/quality curve compares, cheapest first. */
    public static final List<String> NAMES = List.of(
            "single-scale",
            "norm-guided",
            "ddim-2",
            "ddim-5",
            "ddim-10",
            "ddim-25",
            "ddim-50",
            "ancestral-200",
            "ancestral-400");

    private static final Pattern ITERATIVE = Pattern.compile("(ddim|ancestral)-([1-9][0-9]{0,3})");

    /** Reconstructs images (N, H, W, 3) with noise that depends on the seed and the images' numbers. */
    @FunctionalInterface
    public interface Reconstructor {
        Tensor apply(UNet unet, Pass pass, Tensor x0, long seed, long[] samples);
    }

    /**
     * @param diffusion the noise schedule and the two noise scales that a model was made for
     * @throws IllegalArgumentException for a name that is none of a method, with those that are
     */
    public static ReconstructionMethod named(String name, DiffusionSettings diffusion) {
        NoiseSchedule schedule = diffusion.noiseSchedule();
        OneStepDenoiser.Scales scales = new OneStepDenoiser.Scales(
                diffusion.smallTimestep(), diffusion.bigTimestep(), (float) diffusion.guidance());
        if (name.equals("norm-guided")) {
            return new ReconstructionMethod(
                    name, 2, (unet, pass, x0, seed, samples) -> new OneStepDenoiser(unet, schedule, scales)
                            .reconstruct(pass, x0, seed, samples)
                            .x0Guided());
        }
        if (name.equals("single-scale")) {
            return new ReconstructionMethod(
                    name, 1, (unet, pass, x0, seed, samples) -> new OneStepDenoiser(unet, schedule, scales)
                            .reconstructSingleScale(pass, x0, seed, samples));
        }
        Matcher matcher = ITERATIVE.matcher(name);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("unknown reconstruction method '" + name
                    + "': use norm-guided, single-scale, ddim-N or ancestral-N");
        }
        int steps = Integer.parseInt(matcher.group(2));
        boolean ddim = matcher.group(1).equals("ddim");
        return new ReconstructionMethod(name, steps, (unet, pass, x0, seed, samples) -> {
            IterativeSampler sampler = new IterativeSampler(unet, schedule);
            NoiseSource noise = NoiseSource.seeded(seed, samples);
            return ddim
                    ? sampler.ddim(pass, x0, scales.big(), steps, 0, noise)
                    : sampler.ancestral(pass, x0, steps, noise);
        });
    }
}
