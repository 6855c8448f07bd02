package io.diffusionad.verify;

import io.diffusionad.diffusion.NoiseSchedule;
import io.diffusionad.io.InvalidFileException;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/**
 * Noise schedules: tensors named {@code <shape><T>.<table>}, as in {@code cosine1000.betas}. Both sides compute in
 * float64.
 */
final class ScheduleCheck implements Check {
    private static final Pattern NAME = Pattern.compile("([a-z]+)(\\d{1,7})\\.(\\w+)");
    private static final double FLOAT64_UNIT = 0x1p-53;

    private static final Map<String, Function<NoiseSchedule, double[]>> TABLES = Map.of(
            "betas", NoiseSchedule::betas,
            "alphas_cumprod", NoiseSchedule::alphasCumprod,
            "posterior_variance", NoiseSchedule::posteriorVariance,
            "sqrt_alphas_cumprod", s -> each(s, s::sqrtAlphaBar),
            "sqrt_one_minus_alphas_cumprod", s -> each(s, s::sqrtOneMinusAlphaBar),
            "sqrt_recip_alphas_cumprod", s -> each(s, s::sqrtRecipAlphaBar),
            "sqrt_recipm1_alphas_cumprod", s -> each(s, s::sqrtRecipMinusOneAlphaBar),
            "posterior_log_variance_clipped", s -> each(s, s::posteriorLogVarianceClipped),
            "posterior_mean_coef1", s -> each(s, s::posteriorMeanOfX0),
            "posterior_mean_coef2", s -> each(s, s::posteriorMeanOfXt));

    private static double[] each(NoiseSchedule schedule, LongToDoubleFunction value) {
        return LongStream.range(0, schedule.timesteps()).mapToDouble(value).toArray();
    }

    @Override
    public boolean accepts(GoldenFile file) {
        return file.names().stream().anyMatch(name -> matcher(name) != null);
    }

    @Override
    public void run(GoldenFile file, Replay replay) throws IOException {
        for (String name : file.names()) {
            Matcher matcher = matcher(name);
            if (matcher == null) {
                continue;
            }
            NoiseSchedule schedule = schedule(file, matcher.group(1) + matcher.group(2));
            double[] expected = file.doubles(name);
            double[] actual = TABLES.get(matcher.group(3)).apply(schedule);
            replay.add(
                    file,
                    name + " (largest relative error)",
                    Errors.maxRelative(actual, expected, Double.MIN_NORMAL),
                    bound(schedule));
        }
    }

    /**
     * Products of T factors, a few units each; and differences {@code 1 - (1 - β)}, which lose a factor 1/β, at most
     * that of the smallest β.
     */
    private static double bound(NoiseSchedule schedule) {
        double smallest = Arrays.stream(schedule.betas()).min().orElseThrow();
        return 8 * FLOAT64_UNIT * (schedule.timesteps() + 1 / smallest);
    }

    /** @param name {@code linear1000} */
    static NoiseSchedule schedule(GoldenFile file, String name) throws InvalidFileException {
        Matcher matcher = Pattern.compile("([a-z]+)(\\d{1,7})").matcher(name);
        try {
            if (matcher.matches()) {
                return NoiseSchedule.named(matcher.group(1), Integer.parseInt(matcher.group(2)));
            }
        } catch (IllegalArgumentException e) {
            throw file.invalid("its noise schedule '" + name + "' cannot be made: " + e.getMessage());
        }
        throw file.invalid("its noise schedule '" + name + "' is not understood");
    }

    private static Matcher matcher(String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches() && TABLES.containsKey(matcher.group(3)) ? matcher : null;
    }
}
