package io.diffusionad.testkit.reference;

import io.diffusionad.ops.DiffusionOps;
import io.diffusionad.random.Philox;
import io.diffusionad.tensor.Tensor;

/** The diffusion formulas; {@code c} is the row of coefficients of an element's sample. */
interface ReferenceDiffusion extends DiffusionOps {
    Workspace work();

    @Override
    default void gaussianNoise(Tensor y, Tensor samples, long seed, int purpose) {
        long[] indices = work().memory().readLongs(samples);
        int channels = y.dim(3);
        int perSample = Math.toIntExact(y.elements() / y.dim(0));
        int pixels = perSample / channels;
        double[] ys = new double[Math.toIntExact(y.elements())];
        int[] words = new int[4];
        float[] normals = new float[4];
        for (int n = 0; n < indices.length; n++) {
            for (int e = 0; e < perSample; e++) {
                Philox.block(words, seed, purpose, indices[n], e / 4);
                Philox.normals(normals, 0, words);
                ys[n * perSample + e % pixels * channels + e / pixels] = normals[e % 4];
            }
        }
        work().write(y, ys);
    }

    @Override
    default void addNoise(Tensor xt, Tensor x0, Tensor noise, Tensor coefficients) {
        double[] images = work().read(x0);
        double[] noises = work().read(noise);
        perElement(xt, coefficients, (i, c) -> combined(c[0], images[i], c[1], noises[i]));
    }

    @Override
    default void predictX0(Tensor x0, Tensor xt, Tensor eps, Tensor coefficients) {
        double[] noised = work().read(xt);
        double[] predicted = work().read(eps);
        perElement(x0, coefficients, (i, c) -> clamp(combined(c[0], noised[i], -c[1], predicted[i])));
    }

    @Override
    default void normGuidanceForward(
            Tensor x0Guided,
            Tensor x0Noisier,
            Tensor xtRenoised,
            Tensor xtSmall,
            Tensor xtBig,
            Tensor epsSmall,
            Tensor epsBig,
            Tensor coefficients,
            float w) {
        Guidance g = Guidance.of(work(), xtSmall, xtBig, epsSmall, epsBig, w);
        perElement(x0Guided, coefficients, (i, c) -> clamp(g.guided(i, c)));
        if (x0Noisier != null) {
            perElement(x0Noisier, coefficients, (i, c) -> clamp(g.noisier(i, c)));
        }
        if (xtRenoised != null) {
            perElement(xtRenoised, coefficients, g::renoised);
        }
    }

    @Override
    default void normGuidanceBackward(
            Tensor depsSmall,
            Tensor depsBig,
            Tensor dx0Guided,
            Tensor xtSmall,
            Tensor xtBig,
            Tensor epsSmall,
            Tensor epsBig,
            Tensor coefficients,
            float w) {
        Guidance g = Guidance.of(work(), xtSmall, xtBig, epsSmall, epsBig, w);
        double[] gradient = work().read(dx0Guided);
        // By the guided noise; then through the renoised image x̃_s to both predictions.
        Formula byGuidedNoise = (i, c) -> passes(g.guided(i, c)) ? work().round(-c[3] * gradient[i]) : 0;
        perElement(
                depsSmall,
                coefficients,
                (i, c) -> byGuidedNoise.at(i, c) * work().round(1 - work().round(c[1] * w) * c[1]));
        perElement(
                depsBig,
                coefficients,
                (i, c) -> passes(g.noisier(i, c))
                        ? byGuidedNoise.at(i, c) * work().round(c[1] * w) * work().round(c[0] * c[5])
                        : 0);
    }

    @Override
    default void samplerStep(Tensor xPrevious, Tensor x0, Tensor xt, Tensor eps, Tensor noise, Tensor coefficients) {
        double[] noised = work().read(xt);
        double[] predicted = work().read(eps);
        double[] noises = work().readOrNull(noise);
        Formula start = (i, c) -> clamp(combined(c[0], noised[i], -c[1], predicted[i]));
        perElement(x0, coefficients, start);
        perElement(xPrevious, coefficients, (i, c) -> {
            double mean = combined(c[2], start.at(i, c), c[3], noised[i]);
            return noises == null ? mean : work().round(mean + work().round(c[4] * noises[i]));
        });
    }

    private double combined(double a, double x, double b, double y) {
        return work().round(work().round(a * x) + work().round(b * y));
    }

    private void perElement(Tensor out, Tensor coefficients, Formula formula) {
        double[] rows = work().read(coefficients);
        int width = coefficients.dim(1);
        int perSample = Math.toIntExact(out.elements() / out.dim(0));
        double[] values = new double[Math.toIntExact(out.elements())];
        double[] c = new double[width];
        for (int i = 0; i < values.length; i++) {
            System.arraycopy(rows, i / perSample * width, c, 0, width);
            values[i] = formula.at(i, c);
        }
        work().write(out, values);
    }

    private static double clamp(double v) {
        return Math.max(-1, Math.min(1, v));
    }

    private static boolean passes(double v) {
        return v >= -1 && v <= 1;
    }

    /** An element's value from its flat index and its sample's coefficients. */
    interface Formula {
        double at(int i, double[] c);
    }

    /**
     * Norm guidance, SPEC §7, before the clamps; c = (√ᾱ_s, √(1-ᾱ_s), √(1/ᾱ_s), √(1/ᾱ_s - 1), √(1/ᾱ_b), √(1/ᾱ_b - 1)).
     */
    record Guidance(Workspace work, double[] xs, double[] xb, double[] es, double[] eb, float w) {
        static Guidance of(Workspace work, Tensor xtSmall, Tensor xtBig, Tensor epsSmall, Tensor epsBig, float w) {
            return new Guidance(work, work.read(xtSmall), work.read(xtBig), work.read(epsSmall), work.read(epsBig), w);
        }

        double noisier(int i, double[] c) {
            return work.round(work.round(c[4] * xb[i]) - work.round(c[5] * eb[i]));
        }

        double renoised(int i, double[] c) {
            return work.round(work.round(c[0] * clamp(noisier(i, c))) + work.round(c[1] * es[i]));
        }

        double guided(int i, double[] c) {
            double shift = work.round(work.round(c[1] * w) * work.round(renoised(i, c) - xs[i]));
            double epsilon = work.round(es[i] - shift);
            return work.round(work.round(c[2] * xs[i]) - work.round(c[3] * epsilon));
        }
    }
}
