package io.diffusionad.app.demodata;

import io.diffusionad.random.Draw;

import java.util.random.RandomGenerator;

/** Draws that scenes need often. */
final class SceneRandom {
    private SceneRandom() {}

    static double between(RandomGenerator random, double low, double high) {
        return Draw.uniform(random, low, high);
    }

    /** -1 or 1. */
    static int sign(RandomGenerator random) {
        return Draw.chance(random, 0.5) ? 1 : -1;
    }

    /**
     * A wandering line of {@code steps} + 1 points from (x, y): {x0, y0, x1, y1, …}. @param bend largest turn a step,
     * radians
     */
    static double[] path(
            RandomGenerator random, double x, double y, double angle, double length, int steps, double bend) {
        double[] points = new double[2 * steps + 2];
        double turn = 0;
        for (int i = 0; i <= steps; i++) {
            points[2 * i] = x;
            points[2 * i + 1] = y;
            turn = 0.6 * turn + between(random, -bend, bend);
            angle += turn;
            x += Math.cos(angle) * length / steps;
            y += Math.sin(angle) * length / steps;
        }
        return points;
    }
}
