package io.diffusionad.data.synthesis;

import io.diffusionad.random.Draw;

import java.util.random.RandomGenerator;

/** Perlin gradient noise in two dimensions (SPEC §4.1). */
public final class PerlinNoise {
    private PerlinNoise() {}

    /**
     * Noise times √2, roughly in [-1, 1], 0 on lattice points.
     *
     * @param rows lattice cells from top to bottom; @param columns lattice cells from left to right
     * @param uniforms (rows + 1, columns + 1) numbers in [0, 1): the gradient at a lattice point is (cos 2πu, sin 2πu),
     *     first component downwards
     * @return (height, width) in float64
     */
    public static double[] of(int width, int height, int rows, int columns, double[] uniforms) {
        int stride = columns + 1;
        if (uniforms.length != (rows + 1) * stride) {
            throw new IllegalArgumentException(uniforms.length + " gradients for a lattice of " + rows + "x" + columns);
        }
        double[] down = new double[uniforms.length];
        double[] right = new double[uniforms.length];
        for (int i = 0; i < uniforms.length; i++) {
            down[i] = Math.cos(2 * Math.PI * uniforms[i]);
            right[i] = Math.sin(2 * Math.PI * uniforms[i]);
        }
        double[] noise = new double[width * height];
        for (int y = 0; y < height; y++) {
            double v = (double) y * rows / height;
            int row = (int) v;
            v -= row;
            double fadeV = fade(v);
            for (int x = 0; x < width; x++) {
                double u = (double) x * columns / width;
                int column = (int) u;
                u -= column;
                int i = row * stride + column;
                double upperLeft = down[i] * v + right[i] * u;
                double upperRight = down[i + 1] * v + right[i + 1] * (u - 1);
                double lowerLeft = down[i + stride] * (v - 1) + right[i + stride] * u;
                double lowerRight = down[i + stride + 1] * (v - 1) + right[i + stride + 1] * (u - 1);
                double left = upperLeft + fadeV * (lowerLeft - upperLeft);
                double rightSide = upperRight + fadeV * (lowerRight - upperRight);
                noise[y * width + x] = Math.sqrt(2) * (left + fade(u) * (rightSide - left));
            }
        }
        return noise;
    }

    /** Noise over a lattice of {@code 2^a x 2^b} cells with random gradients. */
    public static double[] random(int width, int height, int a, int b, RandomGenerator random) {
        double[] uniforms = new double[((1 << a) + 1) * ((1 << b) + 1)];
        for (int i = 0; i < uniforms.length; i++) {
            uniforms[i] = Draw.uniform(random, 0, 1);
        }
        return of(width, height, 1 << a, 1 << b, uniforms);
    }

    private static double fade(double t) {
        return t * t * t * (t * (t * 6 - 15) + 10);
    }
}
