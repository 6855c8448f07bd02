package io.diffusionad.app.demodata;

import io.diffusionad.random.Draw;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Linen in plain weave: threads of slightly different tint and thickness, stretched a little differently in every
 * picture.
 */
final class Fabric implements Product {
    private static final double PITCH = 8;
    private static final Rgb FIBRE = new Rgb(0.86, 0.84, 0.78);

    @Override
    public String name() {
        return "fabric";
    }

    @Override
    public List<String> defects() {
        return List.of("hole", "stain", "missing_thread", "snag", "cut", "foreign_fibre", "colour_shift", "crease");
    }

    @Override
    public void paint(Canvas canvas, RandomGenerator scene, String defect, RandomGenerator damage) {
        Cloth cloth = new Cloth(scene);
        int missing = "missing_thread".equals(defect) ? Draw.integer(damage, -7, 7) : Integer.MIN_VALUE;
        double gapStart = missing == Integer.MIN_VALUE ? 0 : SceneRandom.between(damage, -90, 20);
        double gapEnd = missing == Integer.MIN_VALUE ? 0 : gapStart + SceneRandom.between(damage, 60, 110);
        canvas.pose(128, 128, cloth.angle);
        canvas.fill((x, y, d, c) -> cloth.shade(x, y, missing, gapStart, gapEnd, c));
        if (defect != null && missing == Integer.MIN_VALUE) {
            spoil(canvas, defect, damage);
        }
    }

    private void spoil(Canvas canvas, String defect, RandomGenerator random) {
        double x = SceneRandom.between(random, -75, 75);
        double y = SceneRandom.between(random, -75, 75);
        int seed = random.nextInt();
        double angle = SceneRandom.between(random, 0, Math.PI);
        switch (defect) {
            case "hole" -> hole(canvas, x, y, SceneRandom.between(random, 9, 15), seed);
            case "stain" -> stain(canvas, x, y, SceneRandom.between(random, 16, 27), seed);
            case "snag" ->
                snag(canvas, SceneRandom.path(random, x, y, angle, SceneRandom.between(random, 40, 65), 10, 0.5));
            case "cut" -> cut(canvas, x, y, angle, SceneRandom.between(random, 34, 56));
            case "foreign_fibre" ->
                foreignFibre(
                        canvas,
                        SceneRandom.path(random, x, y, angle, SceneRandom.between(random, 60, 95), 14, 0.22),
                        random);
            case "colour_shift" -> colourShift(canvas, x, y, angle, random);
            case "crease" ->
                crease(canvas, SceneRandom.path(random, x, y, angle, SceneRandom.between(random, 80, 120), 8, 0.08));
            default -> throw new IllegalArgumentException("fabric has no defect " + defect);
        }
    }

    /** Dark depth with a shaded rim and loose thread ends hanging into it. */
    private static void hole(Canvas canvas, double x, double y, double radius, int seed) {
        Shape rim = Shape.blob(x, y, radius, 0.45, seed);
        canvas.fill(Shape.blob(x, y, radius + 2.5, 0.45, seed), 3, 0.55, FIBRE);
        canvas.fill(rim, 1, 1, (u, v, d, c) -> new Rgb(0.13, 0.11, 0.10)
                .times(0.75 + 0.25 * Math.min(1, -d / 6))
                .shade(u, v, d, c));
        for (int i = 0; i < 9; i++) {
            double a = 2 * Math.PI * (i + 0.4 * Noise.lattice(i, 1, seed)) / 9;
            double inward = radius * (0.45 + 0.25 * Noise.lattice(i, 2, seed));
            double bend = 0.35 * Noise.lattice(i, 3, seed);
            canvas.fill(
                    Shape.line(
                            1.5,
                            x + (radius + 1) * Math.cos(a),
                            y + (radius + 1) * Math.sin(a),
                            x + 0.8 * radius * Math.cos(a + bend / 2),
                            y + 0.8 * radius * Math.sin(a + bend / 2),
                            x + inward * Math.cos(a + bend),
                            y + inward * Math.sin(a + bend)),
                    FIBRE.times(0.9));
        }
    }

    /** Dried liquid: darker towards its rim. */
    private static void stain(Canvas canvas, double x, double y, double radius, int seed) {
        canvas.fill(Shape.blob(x, y, radius, 0.4, seed), 4, 1, (u, v, d, c) -> {
            double ring = Math.exp(-Math.pow((d + 3) / 3, 2));
            double depth = 0.30 + 0.22 * ring + 0.06 * Noise.fractal(u / 9, v / 9, seed);
            c[0] *= (float) (1 - 0.75 * depth);
            c[1] *= (float) (1 - depth);
            c[2] *= (float) (1 - 1.3 * depth);
        });
    }

    /** A thread pulled out of the cloth into a loop. */
    private static void snag(Canvas canvas, double[] path) {
        Shape loop = Shape.line(4.2, path);
        canvas.shadow(loop, 2.5, 3.5, 5, 0.55);
        canvas.fill(loop, 0, 1, (x, y, d, c) -> FIBRE.times(0.72 + 0.28 * Math.sqrt(Math.max(0, Math.min(1, -d / 2.1))))
                .shade(x, y, d, c));
    }

    private static void cut(Canvas canvas, double x, double y, double angle, double length) {
        double dx = Math.cos(angle) * length / 2;
        double dy = Math.sin(angle) * length / 2;
        double nx = -Math.sin(angle);
        double ny = Math.cos(angle);
        Shape slit = Shape.of(x, y, length / 2, (u, v) -> {
            double along = ((u - x) * dx + (v - y) * dy) * 2 / length;
            double across = (u - x) * nx + (v - y) * ny;
            double opening = 4.2 * (1 - Math.pow(2 * along / length, 2));
            return Math.abs(across + 0.8 * Math.sin(along / 3)) - opening;
        });
        canvas.fill(Shape.line(9, x - dx, y - dy, x + dx, y + dy), 5, 0.5, FIBRE.times(1.08));
        canvas.fill(slit, 1, 1, new Rgb(0.12, 0.10, 0.10));
    }

    private static void foreignFibre(Canvas canvas, double[] path, RandomGenerator random) {
        Rgb[] colours = {
            new Rgb(0.55, 0.10, 0.10), new Rgb(0.10, 0.10, 0.12), new Rgb(0.10, 0.22, 0.45), new Rgb(0.08, 0.32, 0.16)
        };
        Rgb colour = colours[Draw.integer(random, 0, colours.length - 1)];
        Shape hair = Shape.line(3, path);
        canvas.shadow(hair, 1.5, 2, 3, 0.4);
        canvas.fill(hair, 0, 1, (x, y, d, c) -> colour.times(1 + 0.7 * Math.max(0, 0.5 - Math.abs(d + 1.2)))
                .shade(x, y, d, c));
    }

    /** A patch that took the dye differently. */
    private static void colourShift(Canvas canvas, double x, double y, double angle, RandomGenerator random) {
        Rgb[] dyes = {
            new Rgb(0.70, 0.84, 1.0), new Rgb(1.02, 0.82, 0.66), new Rgb(0.74, 0.92, 0.74), new Rgb(0.95, 0.74, 0.82)
        };
        Shape patch =
                Shape.box(x, y, SceneRandom.between(random, 36, 60), SceneRandom.between(random, 28, 44), angle, 8);
        canvas.fill(patch, 8, 1, dyes[Draw.integer(random, 0, dyes.length - 1)].multiplied());
    }

    /** A sharp fold: light on one side, shade on the other. */
    private static void crease(Canvas canvas, double[] path) {
        double dx = path[path.length - 2] - path[0];
        double dy = path[path.length - 1] - path[1];
        double length = Math.hypot(dx, dy);
        double[] beside = path.clone();
        for (int i = 0; i < path.length; i += 2) {
            beside[i] += -dy / length * 3.5;
            beside[i + 1] += dx / length * 3.5;
        }
        canvas.fill(Shape.line(4, path), 4, 0.75, new Rgb(1.38, 1.37, 1.34).multiplied());
        canvas.fill(Shape.line(4, beside), 5, 0.85, new Rgb(0.50, 0.50, 0.52).multiplied());
    }

    /** One piece of cloth. */
    private static final class Cloth {
        final double angle;
        private final double pitch;
        private final double shiftX;
        private final double shiftY;
        private final Rgb warp;
        private final Rgb weft;
        private final int seed;

        Cloth(RandomGenerator random) {
            angle = Math.toRadians(SceneRandom.between(random, -2.5, 2.5));
            pitch = PITCH * SceneRandom.between(random, 0.98, 1.02);
            shiftX = SceneRandom.between(random, 0, PITCH);
            shiftY = SceneRandom.between(random, 0, PITCH);
            double tint = SceneRandom.between(random, 0.96, 1.04);
            warp = new Rgb(0.62 * tint, 0.66 * tint, 0.70);
            weft = new Rgb(0.74, 0.745, 0.74 * tint);
            seed = random.nextInt();
        }

        /**
         * @param missing weft thread number that is not there between x = gapStart and gapEnd, relative to the middle
         *     one
         */
        void shade(double x, double y, int missing, double gapStart, double gapEnd, float[] colour) {
            double u = (x + shiftX) / pitch + 100 + 0.12 * Noise.value(x / 40, y / 40, seed);
            double v = (y + shiftY) / pitch + 100 + 0.12 * Noise.value(x / 40, y / 40, seed + 1);
            int column = (int) u;
            int row = (int) v;
            boolean gap = row - 100 == missing && x > gapStart && x < gapEnd;
            boolean warpOver = (column + row) % 2 == 0 || gap;
            double across = (warpOver ? u - column : v - row) - 0.5;
            double along = (warpOver ? v - row : u - column) - 0.5;
            double bulge = Math.sqrt(Math.max(0, 1 - 3.7 * across * across));
            double bend = gap ? 0.55 : 0.62 + 0.38 * Math.cos(Math.PI * along);
            double thread = 1 + 0.07 * Noise.lattice(warpOver ? column : row, warpOver ? 1 : 2, seed);
            double fibre = 1 + 0.09 * Noise.value(warpOver ? u * 9 : u * 2.5, warpOver ? v * 2.5 : v * 9, seed + 2);
            double level = (0.42 + 0.58 * bulge * bend - 0.10 * across) * thread * fibre;
            if (gap && (Math.abs(across) > 0.36)) {
                level *= 0.45; // one looks between the warp threads
            }
            Rgb base = warpOver ? warp : weft;
            base.times(gap ? 0.8 * level : level).shade(x, y, 0, colour);
        }
    }
}
