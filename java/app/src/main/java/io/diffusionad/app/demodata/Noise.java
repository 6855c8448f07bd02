package io.diffusionad.app.demodata;

/** Repeatable smooth noise: hashed lattice values, smoothly interpolated. Pure functions of position and seed. */
final class Noise {
    private Noise() {}

    /** A number in [-1, 1) for a lattice point. */
    static double lattice(int x, int y, int seed) {
        int h = x * 0x27D4EB2F ^ y * 0x165667B1 ^ seed * 0x9E3779B9;
        h = (h ^ h >>> 15) * 0x85EBCA6B;
        h = (h ^ h >>> 13) * 0xC2B2AE35;
        h ^= h >>> 16;
        return h * 0x1p-31;
    }

    /** Value noise in [-1, 1) with features of size 1. */
    static double value(double x, double y, int seed) {
        int x0 = (int) Math.floor(x);
        int y0 = (int) Math.floor(y);
        double u = x - x0;
        double v = y - y0;
        u = u * u * (3 - 2 * u);
        v = v * v * (3 - 2 * v);
        double upper = lattice(x0, y0, seed) * (1 - u) + lattice(x0 + 1, y0, seed) * u;
        double lower = lattice(x0, y0 + 1, seed) * (1 - u) + lattice(x0 + 1, y0 + 1, seed) * u;
        return upper * (1 - v) + lower * v;
    }

    /** Three octaves of value noise, roughly in [-1, 1]. */
    static double fractal(double x, double y, int seed) {
        return (value(x, y, seed)
                        + 0.5 * value(2.03 * x, 2.03 * y, seed + 1)
                        + 0.25 * value(4.1 * x, 4.1 * y, seed + 2))
                / 1.4;
    }

    /**
     * A standard normal for pixel (x, y), from the sum of four uniforms: no tails beyond 3.5, as sensor grain after a
     * camera's clipping.
     */
    static double grain(int x, int y, int seed) {
        double sum =
                lattice(x, y, seed) + lattice(x, y, seed + 101) + lattice(x, y, seed + 202) + lattice(x, y, seed + 303);
        return sum * Math.sqrt(3.0 / 4);
    }
}
