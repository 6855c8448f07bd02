package io.diffusionad.diffusion;

import io.diffusionad.nn.Pass;
import io.diffusionad.nn.UNet;
import io.diffusionad.nn.UNetConfig;
import io.diffusionad.nn.Workspace;
import io.diffusionad.random.PhiloxRandom;
import io.diffusionad.random.Purpose;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.testkit.reference.ReferenceDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Properties of one-step and iterative denoising with a small random network; agreement with recordings is the
 * verification's business.
 */
class DenoisingTest {
    private static final long SEED = 17;

    private final ReferenceDevice device = ReferenceDevice.exact();
    private final Arena arena = device.newArena("parameters");
    private final Workspace workspace = new Workspace(device, "denoising test");
    private final NoiseSchedule schedule = NoiseSchedule.linear(1000);
    private final UNet unet =
            new UNet(new UNetConfig(8, 3, 32, List.of(1.0), List.of(8), 1, 4, -1, true, 0), device, arena, false);
    private Pass pass;
    private Tensor images; // (3, 4, 6, 3)

    @BeforeEach
    void open() {
        unet.parameters().initialise(SEED);
        // The last layer starts at zero; borrowed weights make the prediction depend on the input.
        unet.parameters()
                .importReference(
                        "out.2.weight",
                        Arrays.copyOf(unet.parameters().exportReference("down.1.0.in_layers.2.weight"), 3 * 32 * 9));
        pass = Pass.inference(device.ops(), workspace, DType.FLOAT32);
        images = pass.float32(3, 4, 6, 3);
        PhiloxRandom random = new PhiloxRandom(SEED, Purpose.TEST, 0);
        double[] values = new double[3 * 4 * 6 * 3];
        Arrays.setAll(values, i -> random.nextDouble());
        device.write(images, values);
    }

    @AfterEach
    void close() {
        workspace.close();
        arena.close();
    }

    @Test
    void reconstructionDependsOnSeedAndImageNumberNotOnTheBatch() {
        OneStepDenoiser denoiser = new OneStepDenoiser(unet, schedule, OneStepDenoiser.Scales.DEFAULT);
        Reconstruction batch = denoiser.reconstruct(pass, images, SEED, 4, 9, 2);
        Reconstruction alone = denoiser.reconstruct(pass, images.slice(1, 2), SEED, 9);
        assertArrayEquals(device.read(batch.x0Guided().slice(1, 2)), device.read(alone.x0Guided()));
        assertDiffers(
                alone.x0Guided(),
                denoiser.reconstruct(pass, images.slice(1, 2), SEED + 1, 9).x0Guided());
        assertDiffers(
                alone.x0Guided(),
                denoiser.reconstruct(pass, images.slice(1, 2), SEED, 8).x0Guided());
        assertDiffers(alone.noiseSmall(), alone.noiseBig());
    }

    @Test
    void withoutGuidanceOnlyTheSmallScaleCounts() {
        OneStepDenoiser unguided = new OneStepDenoiser(unet, schedule, new OneStepDenoiser.Scales(200, 400, 0f));
        Reconstruction both = unguided.reconstruct(pass, images, SEED, 0, 1, 2);
        assertArrayEquals(device.read(both.x0Small()), device.read(both.x0Guided()), 1e-12);
        assertArrayEquals(
                device.read(both.x0Small()),
                device.read(unguided.reconstructSingleScale(pass, images, SEED, 0, 1, 2)),
                1e-12);
        assertDiffers(
                both.x0Small(),
                new OneStepDenoiser(unet, schedule, OneStepDenoiser.Scales.DEFAULT)
                        .reconstruct(pass, images, SEED, 0, 1, 2)
                        .x0Guided());
    }

    @Test
    void partsOfAReconstructionFitTogether() {
        Reconstruction parts = new OneStepDenoiser(unet, schedule, OneStepDenoiser.Scales.DEFAULT)
                .reconstruct(pass, images, SEED, 0, 1, 2);
        double signal = schedule.sqrtAlphaBar(200);
        double noise = schedule.sqrtOneMinusAlphaBar(200);
        double[] x0 = device.read(images);
        double[] x0Big = device.read(parts.x0Big());
        for (int i = 0; i < x0.length; i++) {
            assertEquals(
                    signal * x0[i] + noise * device.read(parts.noiseSmall())[i], device.read(parts.xtSmall())[i], 1e-6);
            assertEquals(
                    signal * x0Big[i] + noise * device.read(parts.epsSmall())[i],
                    device.read(parts.xtRenoised())[i],
                    1e-6);
            assertTrue(Math.abs(x0Big[i]) <= 1, "x0 is not clamped");
        }
    }

    @Test
    void ddimInOneStepIsOneStepDenoising() {
        NoiseSource noise = (aPass, tensor, draw) ->
                aPass.ops().gaussianNoise(tensor, aPass.upload(0, 1, 2), SEED, Purpose.NOISE_SMALL.code());
        Tensor sampled = new IterativeSampler(unet, schedule).ddim(pass, images, 200, 1, 0, noise);
        Tensor oneStep = new OneStepDenoiser(unet, schedule, OneStepDenoiser.Scales.DEFAULT)
                .reconstructSingleScale(pass, images, SEED, 0, 1, 2);
        assertArrayEquals(device.read(oneStep), device.read(sampled), 1e-6);
    }

    @Test
    void samplersAreSeededAndEndInsideTheClamp() {
        IterativeSampler sampler = new IterativeSampler(unet, schedule);
        Tensor first = sampler.ancestral(pass, images, 4, NoiseSource.seeded(SEED, 0, 1, 2));
        assertArrayEquals(
                device.read(first), device.read(sampler.ancestral(pass, images, 4, NoiseSource.seeded(SEED, 0, 1, 2))));
        assertDiffers(first, sampler.ancestral(pass, images, 4, NoiseSource.seeded(SEED + 1, 0, 1, 2)));
        Tensor ddim = sampler.ddim(pass, images, 300, 7, 0.5, NoiseSource.seeded(SEED, 0, 1, 2));
        for (double value : device.read(ddim)) {
            assertTrue(Math.abs(value) <= 1, () -> "outside the clamp: " + value);
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> sampler.ddim(pass, images, 3, 5, 0, NoiseSource.seeded(SEED, 0, 1, 2)));
        assertThrows(
                IllegalArgumentException.class,
                () -> sampler.ancestral(pass, images, 1001, NoiseSource.seeded(SEED, 0, 1, 2)));
    }

    @Test
    void boundHasOneNonNegativeTermASampleAndReturnsItsMemory() {
        VariationalBound bound = new VariationalBound(unet, schedule);
        Tensor noise = pass.float32(images.dims());
        NoiseSource.seeded(SEED, 0, 1, 2).fill(pass, noise, 0);
        long used = workspace.main().used();
        VariationalBound.Terms terms = bound.terms(pass, images, noise, 0, 10, 999);
        assertEquals(used, workspace.main().used());
        assertEquals(3, terms.bitsPerDimension().length);
        for (double bits : terms.bitsPerDimension()) {
            assertTrue(bits > 0 && bits < 50, () -> "bits per dimension " + bits);
        }
    }

    @Test
    void scalesOutsideTheScheduleAreRefused() {
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> new OneStepDenoiser(unet, schedule, new OneStepDenoiser.Scales(200, 1000, 1f)))
                .getMessage();
        assertEquals("the big noise scale 1000 is out of range: the schedule has timesteps 0 to 999", message);
        assertThrows(
                IllegalArgumentException.class,
                () -> new OneStepDenoiser(unet, schedule, new OneStepDenoiser.Scales(200, 400, Float.NaN)));
    }

    private void assertDiffers(Tensor a, Tensor b) {
        assertTrue(Arrays.mismatch(device.read(a), device.read(b)) >= 0, "tensors that must differ are equal");
    }
}
