package io.diffusionad.testkit;

import io.diffusionad.tensor.DType;

/**
 * When a result is near enough to the exact one: its error may be at most {@code factor} times the error of a naive
 * implementation in the same types, plus a few rounding errors of the largest value. Asked of the largest error and of
 * the root mean square, so that neither one bad element nor a small error everywhere slips through. NaN fails.
 *
 * @param factor allowed error relative to the naive implementation's
 * @param further allowed error relative to the largest value, or root mean square, of the result
 */
public record Tolerance(double factor, double further) {
    public static final Tolerance FORWARD = new Tolerance(2, 0);
    public static final Tolerance BACKWARD = new Tolerance(3, 0);
    /**
     * Of a bfloat16 convolution that Winograd's algorithm may compute. It rounds sums of inputs and of weights in place
     * of these, which leaves a relative error of 0.011 where neighbours are independent, as in the table's cases; the
     * algorithm's points at 0, ±1, ±2 would leave 0.025.
     */
    public static final Tolerance WINOGRAD_BFLOAT16 = new Tolerance(3, 4 * 0x1p-8);

    /**
     * Of an int8 convolution that Winograd's algorithm may compute. It rounds to 8 bits after its transforms (weights
     * to 7 without AVX-VNNI and AVX512-VNNI), which leaves a relative error of up to 0.085 where neighbours are
     * independent, as in the table's cases.
     */
    public static final Tolerance WINOGRAD_INT8 = new Tolerance(2, 0.1);

    /**
     * Of an int8 convolution whose weights may be rounded to half as many steps as the definition says: a relative
     * error of 0.01.
     */
    public static final Tolerance ROUNDED_WEIGHTS = new Tolerance(2, 0.02);

    /**
     * @param type of the compared tensor
     * @throws AssertionError with the worst element, its values and the bound
     */
    public void check(String what, double[] actual, double[] exact, double[] naive, DType type) {
        if (actual.length != exact.length) {
            throw new AssertionError(what + ": " + actual.length + " values, expected " + exact.length);
        }
        double largest = 0;
        double largestNaive = 0;
        double squares = 0;
        double squaresNaive = 0;
        double squaresExact = 0;
        int worst = 0;
        double worstError = -1;
        for (int i = 0; i < exact.length; i++) {
            double error = Math.abs(actual[i] - exact[i]);
            if (!(error <= worstError)) {
                worst = i;
                worstError = error;
                if (Double.isNaN(error)) {
                    break;
                }
            }
            largest = Math.max(largest, Math.abs(exact[i]));
            largestNaive = Math.max(largestNaive, Math.abs(naive[i] - exact[i]));
            squares += error * error;
            squaresNaive += (naive[i] - exact[i]) * (naive[i] - exact[i]);
            squaresExact += exact[i] * exact[i];
        }
        double allowed = slack(type) + further;
        double bound = factor * largestNaive + allowed * largest;
        if (!(worstError <= bound)) {
            throw new AssertionError(
                    "%s: element %d is %.9g, exactly %.9g (naive %.9g); error %.3g exceeds %.3g = %.0f x naive %.3g + %.3g of %.3g"
                            .formatted(
                                    what,
                                    worst,
                                    actual[worst],
                                    exact[worst],
                                    naive[worst],
                                    worstError,
                                    bound,
                                    factor,
                                    largestNaive,
                                    allowed,
                                    largest));
        }
        double rms = Math.sqrt(squares / exact.length);
        double rmsBound =
                (factor * Math.sqrt(squaresNaive) + allowed * Math.sqrt(squaresExact)) / Math.sqrt(exact.length);
        if (!(rms <= rmsBound)) {
            throw new AssertionError("%s: RMS error %.3g exceeds %.3g (naive %.3g)"
                    .formatted(what, rms, rmsBound, Math.sqrt(squaresNaive / exact.length)));
        }
    }

    /**
     * As {@link #check} for 8-bit activations, counted in steps: beside the naive error one step anywhere, since
     * numbers near the middle between two steps may round to either, and an RMS error of a quarter, which allows that
     * of one value in sixteen (an error of 2^-12 of the range moves that many).
     */
    public void checkSteps(String what, double[] actual, double[] exact, double[] naive) {
        if (actual.length != exact.length) {
            throw new AssertionError(what + ": " + actual.length + " values, expected " + exact.length);
        }
        double squares = 0;
        double squaresNaive = 0;
        double largestNaive = 0;
        for (int i = 0; i < exact.length; i++) {
            largestNaive = Math.max(largestNaive, Math.abs(naive[i] - exact[i]));
            squaresNaive += (naive[i] - exact[i]) * (naive[i] - exact[i]);
            squares += (actual[i] - exact[i]) * (actual[i] - exact[i]);
        }
        for (int i = 0; i < exact.length; i++) {
            if (!(Math.abs(actual[i] - exact[i]) <= 1 + factor * largestNaive)) {
                throw new AssertionError("%s: element %d is %.0f, exactly %.0f (naive %.0f)"
                        .formatted(what, i, actual[i], exact[i], naive[i]));
            }
        }
        double rms = Math.sqrt(squares / exact.length);
        // Few values may all lie near a middle.
        double bound = 0.25 + factor * Math.sqrt(squaresNaive / exact.length) + 1 / Math.sqrt(exact.length);
        if (!(rms <= bound)) {
            throw new AssertionError("%s: RMS error %.3g steps exceeds %.3g".formatted(what, rms, bound));
        }
    }

    /**
     * Allowed besides, relative to the exact result's largest (for the RMS rule: RMS) value. In float32 a few ulp,
     * because a naive result may be exact by luck; in bfloat16 half an ulp, the rounding of the result itself, because
     * there the naive error is never below it.
     */
    private static double slack(DType type) {
        return switch (type) {
            case FLOAT32 -> 4 * 0x1p-23;
            case BFLOAT16 -> 0x1p-8;
            case INT64, UINT8 -> 0;
        };
    }
}
