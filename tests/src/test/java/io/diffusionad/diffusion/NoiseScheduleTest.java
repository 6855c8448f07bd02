package io.diffusionad.diffusion;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.Arrays;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class NoiseScheduleTest {
    @ParameterizedTest
    @CsvSource({"linear, 1000", "linear, 250", "cosine, 1000", "cosine, 10"})
    void tablesObeyTheirDefinitions(String name, int timesteps) {
        NoiseSchedule schedule = NoiseSchedule.named(name, timesteps);
        double[] betas = schedule.betas();
        double product = 1;
        for (int t = 0; t < timesteps; t++) {
            assertTrue(betas[t] > 0 && betas[t] <= 0.999, "beta at " + t);
            double previous = product;
            product *= 1 - betas[t];
            assertEquals(product, schedule.alphaBar(t));
            assertEquals(
                    1, Math.pow(schedule.sqrtAlphaBar(t), 2) + Math.pow(schedule.sqrtOneMinusAlphaBar(t), 2), 1e-14);
            // A noiseless chain stays on the image: the posterior's mean of x_t = sqrt(abar)·x0 is sqrt(previous
            // abar)·x0.
            assertEquals(
                    Math.sqrt(previous),
                    schedule.posteriorMeanOfX0(t) + schedule.posteriorMeanOfXt(t) * schedule.sqrtAlphaBar(t),
                    1e-12);
        }
    }

    @Test
    void posteriorOfTheFirstStepIsClipped() {
        NoiseSchedule schedule = NoiseSchedule.linear(1000);
        assertEquals(0, schedule.posteriorVariance()[0]);
        assertEquals(Math.log(schedule.posteriorVariance()[1]), schedule.posteriorLogVarianceClipped(0));
        assertEquals(schedule.posteriorVariance()[1], schedule.ancestralVariance(0));
        assertEquals(schedule.betas()[1], schedule.ancestralVariance(1));
    }

    @Test
    void ddimWithFullVarianceOverEveryTimestepHasThePosteriorsMean() {
        NoiseSchedule schedule = NoiseSchedule.linear(50);
        for (long t = 1; t < 50; t++) {
            float[] ddim = Coefficients.ddim(schedule, 1, t, t - 1, 1);
            float[] ancestral = Coefficients.ancestral(schedule, 1, t);
            assertEquals(ancestral[2], ddim[2], 1e-5);
            assertEquals(ancestral[3], ddim[3], 1e-5);
            assertEquals(Math.sqrt(schedule.posteriorVariance()[(int) t]), ddim[4], 1e-6);
        }
    }

    @Test
    void lastStepsDrawNoNoiseAndReturnTheCleanImage() {
        NoiseSchedule schedule = NoiseSchedule.cosine(100);
        assertEquals(0, Coefficients.ancestral(schedule, 1, 0)[4]);
        assertArrayEquals(new float[] {1, 0, 0}, Arrays.copyOfRange(Coefficients.ddim(schedule, 1, 40, -1, 0), 2, 5));
    }

    @Test
    void impossibleSchedulesAndTimestepsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> NoiseSchedule.linear(1));
        assertThrows(IllegalArgumentException.class, () -> NoiseSchedule.linear(20));
        assertThrows(IllegalArgumentException.class, () -> NoiseSchedule.named("quadratic", 1000));
        NoiseSchedule schedule = NoiseSchedule.linear(1000);
        String message = assertThrows(IllegalArgumentException.class, () -> schedule.alphaBar(1000))
                .getMessage();
        assertEquals("timestep 1000 is out of range: the schedule has timesteps 0 to 999", message);
        assertThrows(IllegalArgumentException.class, () -> schedule.posteriorMeanOfX0(-1));
        assertEquals(1, schedule.alphaBar(-1));
    }
}
