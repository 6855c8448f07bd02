package io.diffusionad.benchmarks.peer;

import io.diffusionad.nn.ParameterStore;
import io.diffusionad.tensor.DType;
import io.diffusionad.verify.RoundingModel;

import java.util.List;
import java.util.Map;

/**
 * When two programs count as computing the same: relative L2 distance of each named result within what rounding
 * explains. In float32 every partial sum rounds, {@code 2^-24·√(Σ fan_in / 6)} over all layers; in bfloat16 every
 * layer's output rounds, {@code 2^-9·√layers}, which dwarfs the former. Twice that is allowed to either program.
 * Gradients (results whose names begin so) are held to the square root: of the clamps and rectifiers, a share as large
 * as the forward error lies so close to its kink that it flips, and flipping a share s of all terms moves their sum by
 * √s.
 *
 * @param bound of the relative distance of results that are no gradients
 */
public record Agreement(double bound) {
    /**
     * Of this engine in int8 with itself: no rounding model, but the nearness that detection needs
     * ({@code docs/benchmarks.md}).
     */
    public static final Agreement INT8 = new Agreement(0.1);

    private static final double PROGRAMS_TIMES_ALLOWANCE = 4;
    private static final String GRADIENTS = "gradient";

    public static Agreement of(DType precision, List<ParameterStore> networks) {
        RoundingModel chain = networks.stream()
                .map(network -> RoundingModel.of(precision, network))
                .reduce(RoundingModel::then)
                .orElseThrow();
        double roundings = precision == DType.BFLOAT16 ? chain.layers() : chain.fanInSum() / 6;
        double rounding = RoundingModel.unit(precision) * Math.sqrt(roundings);
        return new Agreement(PROGRAMS_TIMES_ALLOWANCE * rounding);
    }

    /**
     * @return the largest relative distance of any result, as a part of what is allowed
     * @throws IllegalStateException when one is beyond the bound, or missing, or not a number
     */
    public double require(String who, Map<String, float[]> expected, Map<String, float[]> found) {
        double largest = 0;
        for (Map.Entry<String, float[]> entry : expected.entrySet()) {
            float[] other = found.get(entry.getKey());
            if (other == null || other.length != entry.getValue().length) {
                throw new IllegalStateException(
                        who + " has no " + entry.getKey() + " of " + entry.getValue().length + " values to compare");
            }
            double distance = relativeDistance(entry.getValue(), other);
            double allowed = entry.getKey().startsWith(GRADIENTS) ? Math.sqrt(bound) : bound;
            if (!(distance <= allowed)) {
                throw new IllegalStateException(who + " computes something else: its " + entry.getKey() + " is "
                        + distance + " away from ours (relative L2), and rounding explains " + allowed
                        + "; nothing was timed");
            }
            // As a part of what is allowed, so that one number speaks for all.
            largest = Math.max(largest, distance / allowed);
        }
        return largest;
    }

    static double relativeDistance(float[] expected, float[] found) {
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += ((double) expected[i] - found[i]) * ((double) expected[i] - found[i]);
            norm += (double) expected[i] * expected[i];
        }
        return Math.sqrt(difference / norm);
    }
}
