package io.diffusionad.verify;

import io.diffusionad.nn.ParameterStore;
import io.diffusionad.tensor.DType;

/**
 * The error that rounding alone explains, from which every bound of a replay follows. Errors are relative in the L2
 * norm.
 *
 * <p>Rule: an implementation may err at most twice (forward) or three times (backward) as much as a naive one against
 * exact arithmetic; the recording, itself made in float32, may err once as much as a naive float32 one. The naive error
 * of a chain of layers adds up like a random walk:
 *
 * <ul>
 *   <li><b>float32</b>, unit roundoff u = 2^-24: summing n products one by one rounds every partial sum, which leaves
 *       {@code u·√(n/6)} for terms of random sign; over all layers {@code u·√(Σ fan_in / 6)};
 *   <li><b>bfloat16</b>, u = 2^-9: a layer's input and its weights are rounded to storage, uniformly within half a
 *       unit, which leaves {@code u·√(2/3)}; over L layers {@code u·√(2L/3)}.
 * </ul>
 *
 * A gradient passes all layers twice, hence a factor √2. A few units are added, for quantities with next to no
 * arithmetic.
 *
 * @param layers convolutions and linear layers passed
 * @param fanInSum sum of their fan-ins
 */
public record RoundingModel(DType precision, double layers, double fanInSum) {
    private static final double FLOAT32_UNIT = 0x1p-24;
    private static final double BFLOAT16_UNIT = 0x1p-9;
    private static final double FEW = 4;

    /** The layers of a whole network. */
    public static RoundingModel of(DType precision, ParameterStore parameters) {
        return upTo(precision, parameters, null);
    }

    /**
     * The layers up to and including the last parameter whose name begins with {@code prefix}, in the order of the
     * {@code state_dict}; null for all.
     */
    static RoundingModel upTo(DType precision, ParameterStore parameters, String prefix) {
        double layers = 0;
        double fanIn = 0;
        double layersUpTo = 0;
        double fanInUpTo = 0;
        for (String name : parameters.names()) {
            int[] shape = parameters.referenceShape(name);
            if (shape.length >= 2) {
                layers++;
                fanIn += (double) parameters.parameter(name).elements() / shape[0];
            }
            if (prefix == null || name.startsWith(prefix)) {
                layersUpTo = layers;
                fanInUpTo = fanIn;
            }
        }
        return new RoundingModel(precision, layersUpTo, fanInUpTo);
    }

    /** The one layer of a weight. */
    static RoundingModel of(DType precision, ParameterStore parameters, String weight) {
        return new RoundingModel(
                precision,
                1,
                (double) parameters.parameter(weight).elements() / parameters.referenceShape(weight)[0]);
    }

    /** The few units that every bound allows. */
    static double few(DType precision) {
        return FEW * unit(precision);
    }

    /** Quantities that are computed in float32 whatever the precision, by a sum of {@code terms} numbers. */
    static RoundingModel float32Sum(double terms) {
        return new RoundingModel(DType.FLOAT32, 1, terms);
    }

    /** This chain followed by another. */
    public RoundingModel then(RoundingModel next) {
        return new RoundingModel(precision, layers + next.layers, fanInSum + next.fanInSum);
    }

    /** Bound for a result of the forward pass. */
    double forward() {
        return 2 * naive() + naiveFloat32() + few(precision);
    }

    /** Bound for a gradient. */
    double backward() {
        return Math.sqrt(2) * (3 * naive() + naiveFloat32()) + few(precision);
    }

    /** Square of a naive implementation's relative error. */
    double naiveEnergy() {
        return naive() * naive();
    }

    /** Largest relative error of rounding one number. */
    public static double unit(DType precision) {
        return precision == DType.BFLOAT16 ? BFLOAT16_UNIT : FLOAT32_UNIT;
    }

    private double naive() {
        return precision == DType.BFLOAT16
                ? Math.hypot(BFLOAT16_UNIT * Math.sqrt(2 * layers / 3), naiveFloat32())
                : naiveFloat32();
    }

    private double naiveFloat32() {
        return FLOAT32_UNIT * Math.sqrt(fanInSum / 6);
    }
}
