package io.diffusionad.app.demodata;

import io.diffusionad.random.Draw;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A toothed lock washer of brushed, zinc-plated steel on a matte sheet, seen from above; a fixture holds it, so its
 * rotation hardly varies.
 */
final class Washer implements Product {
    private static final int TEETH = 10;
    private static final double INNER = 40;
    private static final double OUTER = 80;
    private static final double TIP = 98;
    private static final double TOOTH_WIDTH = 25;
    private static final double FILLET = 5;
    private static final double LIGHT = Math.toRadians(-130);

    @Override
    public String name() {
        return "washer";
    }

    @Override
    public List<String> defects() {
        return List.of("scratch", "dent", "rust", "bent_tooth", "contamination", "heat_tint", "crack");
    }

    @Override
    public void paint(Canvas canvas, RandomGenerator scene, String defect, RandomGenerator damage) {
        int seed = scene.nextInt();
        double tone = SceneRandom.between(scene, 0.97, 1.03);
        double turn = SceneRandom.between(scene, -0.03, 0.03);
        double x = 128 + SceneRandom.between(scene, -2, 2);
        double y = 128 + SceneRandom.between(scene, -2, 2);
        double metal = SceneRandom.between(scene, 0.96, 1.04);
        canvas.fill((u, v, d, c) -> {
            double level = tone
                    * (1 + 0.02 * Noise.value(u / 30, v / 30, seed) + 0.025 * Noise.value(u * 1.3, v * 1.3, seed + 3));
            new Rgb(0.80 * level, 0.79 * level, 0.76 * level).shade(u, v, d, c);
        });
        canvas.pose(x, y, turn);
        boolean tooth = "bent_tooth".equals(defect);
        int which = tooth ? Draw.integer(damage, 0, TEETH - 1) : -1;
        double bent = tooth ? SceneRandom.sign(damage) * SceneRandom.between(damage, 0.35, 0.5) : 0;
        Shape body = body(which);
        Shape bentTooth = bent == 0 ? null : tooth(2 * Math.PI * which / TEETH, bent);
        canvas.shadow(body, 5, 7, 10, 0.38);
        if (bentTooth != null) {
            canvas.shadow(bentTooth, 7, 10, 8, 0.38);
        }
        canvas.fill(body, 0, 1, (u, v, d, c) -> steel(u, v, d, turn, metal, 0, seed, c));
        if (bentTooth != null) {
            canvas.fill(bentTooth, 0, 1, (u, v, d, c) -> steel(u, v, d, turn, metal, bent > 0 ? 0.28 : -0.24, seed, c));
        }
        if (defect != null && !tooth) {
            spoil(canvas, body, defect, damage, turn);
        }
    }

    /** The ring with its teeth; a bent one is left out and drawn apart. */
    private static Shape body(int without) {
        Shape[] teeth = new Shape[TEETH];
        for (int i = 0; i < TEETH; i++) {
            teeth[i] = tooth(2 * Math.PI * i / TEETH, 0);
        }
        return Shape.of(0, 0, TIP + 2, (x, y) -> {
            double r = Math.sqrt(x * x + y * y);
            double d = r - OUTER;
            if (r < OUTER - FILLET - 8 || r > TIP + 10) {
                return Math.max(d, INNER - r); // no tooth reaches here
            }
            int index = Math.floorMod(Math.round(Math.atan2(y, x) * TEETH / (2 * Math.PI)), TEETH);
            if (index != without) {
                return smoothUnion(d, teeth[index].distance(x, y), FILLET);
            }
            return d;
        });
    }

    private static Shape tooth(double angle, double bent) {
        double middle = (OUTER - 8 + TIP) / 2;
        return Shape.box(
                middle * Math.cos(angle + 0.25 * bent),
                middle * Math.sin(angle + 0.25 * bent),
                TIP - OUTER + 8,
                TOOTH_WIDTH,
                angle + bent,
                4);
    }

    private static double smoothUnion(double a, double b, double radius) {
        double h = Math.max(0, radius - Math.abs(a - b)) / radius;
        return Math.min(a, b) - h * h * radius / 4;
    }

    /** Concentric brushing with its bow-tie highlight, and bevelled rims lit from one side. */
    private static void steel(
            double x, double y, double d, double turn, double metal, double tilt, int seed, float[] colour) {
        double r = Math.sqrt(x * x + y * y);
        double angle = Math.atan2(y, x) + turn;
        double facing = Math.cos(angle - LIGHT);
        double highlight = facing * facing;
        double brush = Noise.value(r * 1.1, 3.5, seed + 9) + 0.6 * Noise.value(r * 2.7, 0.4 * angle * r, seed + 11);
        double level = 0.50 + 0.24 * highlight * highlight + 0.035 * brush + tilt;
        double bevel = Math.max(0, 1 + d / 4.5);
        double outward = r > (INNER + OUTER) / 2 ? 1 : -1;
        level += 0.26 * bevel * outward * facing;
        level *= metal * (1 - 0.35 * Math.max(0, 1 + d / 1.2));
        new Rgb(0.97 * level, level, 1.03 * level).shade(x, y, d, colour);
    }

    private static void spoil(Canvas canvas, Shape body, String defect, RandomGenerator random, double turn) {
        double angle = SceneRandom.between(random, 0, 2 * Math.PI);
        double r = SceneRandom.between(random, 52, 70);
        double x = r * Math.cos(angle);
        double y = r * Math.sin(angle);
        int seed = random.nextInt();
        switch (defect) {
            case "scratch" ->
                scratch(
                        canvas,
                        SceneRandom.path(
                                random,
                                x,
                                y,
                                angle + SceneRandom.sign(random) * SceneRandom.between(random, 1.2, 1.9),
                                SceneRandom.between(random, 48, 66),
                                6,
                                0.12));
            case "dent" -> dent(canvas, x, y, SceneRandom.between(random, 13, 17), turn);
            case "rust" -> rust(canvas, body, x, y, SceneRandom.between(random, 13, 19), seed);
            case "contamination" -> contamination(canvas, x, y, SceneRandom.between(random, 8, 13), seed, random);
            case "heat_tint" -> heatTint(canvas, body, x, y, SceneRandom.between(random, 15, 20), seed);
            case "crack" -> crack(canvas, angle, random);
            default -> throw new IllegalArgumentException("washer has no defect " + defect);
        }
    }

    /** A groove: dark, with a bright burr beside it. */
    private static void scratch(Canvas canvas, double[] path) {
        canvas.fill(Shape.line(5, path), 1, 1, new Rgb(0.20, 0.20, 0.21));
        canvas.fill(Shape.line(4, path).shifted(2.6, 2.9), 1, 0.95, new Rgb(0.97, 0.98, 1.0));
    }

    /** A round hollow: its near side in shade, its far side in the light. */
    private static void dent(Canvas canvas, double x, double y, double radius, double turn) {
        canvas.fill(Shape.disc(x, y, radius), 3, 1, (u, v, d, c) -> {
            double slope = ((u - x) * Math.cos(LIGHT - turn) + (v - y) * Math.sin(LIGHT - turn)) / radius;
            double rim = Math.sin(Math.PI * Math.min(1, Math.hypot(u - x, v - y) / radius));
            double factor = 1 - 0.95 * slope * rim - 0.10;
            for (int i = 0; i < 3; i++) {
                c[i] *= (float) factor;
            }
        });
    }

    private static void rust(Canvas canvas, Shape body, double x, double y, double radius, int seed) {
        canvas.fill(Shape.blob(x, y, radius, 0.4, seed).within(body), 3, 0.92, (u, v, d, c) -> {
            double level = 0.85 + 0.35 * Noise.fractal(u / 3, v / 3, seed);
            new Rgb(0.46 * level, 0.24 * level, 0.11 * level).shade(u, v, d, c);
        });
        for (int i = 0; i < 7; i++) {
            double a = Math.PI * Noise.lattice(i, 1, seed);
            double far = radius * (1.25 + 0.25 * Noise.lattice(i, 2, seed));
            canvas.fill(
                    Shape.disc(x + far * Math.cos(a), y + far * Math.sin(a), 1.4 + Noise.lattice(i, 3, seed)),
                    1,
                    0.8,
                    new Rgb(0.42, 0.24, 0.13));
        }
    }

    /** A drop of grease or a chip of plastic. */
    private static void contamination(
            Canvas canvas, double x, double y, double radius, int seed, RandomGenerator random) {
        Rgb[] colours = {
            new Rgb(0.10, 0.09, 0.08), new Rgb(0.75, 0.16, 0.12), new Rgb(0.92, 0.78, 0.20), new Rgb(0.15, 0.40, 0.70)
        };
        Rgb colour = colours[Draw.integer(random, 0, colours.length - 1)];
        Shape drop = Shape.blob(x, y, radius, 0.3, seed);
        canvas.shadow(drop, 2, 3, 4, 0.5);
        canvas.fill(drop, 1, 1, (u, v, d, c) -> colour.times(0.8 + 0.3 * Math.min(1, -d / 5))
                .shade(u, v, d, c));
        canvas.fill(Shape.disc(x - radius * 0.3, y - radius * 0.3, radius * 0.22), 2, 0.7, new Rgb(0.95, 0.95, 0.95));
    }

    /** Oxide colours of overheated steel, straw to blue. */
    private static void heatTint(Canvas canvas, Shape body, double x, double y, double radius, int seed) {
        Shape patch = Shape.blob(x, y, radius, 0.25, seed);
        canvas.fill(patch.within(body), 1, 1, (u, v, d, c) -> {
            double depth = Math.max(0, Math.min(1, -1.25 * patch.distance(u, v) / radius));
            c[0] *= (float) (1 - 0.05 * Math.sin(Math.PI * depth) - 0.50 * depth);
            c[1] *= (float) (1 - 0.12 * Math.sin(Math.PI * depth) - 0.36 * depth);
            c[2] *= (float) (1 - 0.45 * Math.sin(Math.PI * depth) + 0.05 * depth);
        });
    }

    private static void crack(Canvas canvas, double angle, RandomGenerator random) {
        int steps = 9;
        double[] points = new double[2 * steps + 2];
        for (int i = 0; i <= steps; i++) {
            double r = INNER - 1 + (OUTER - INNER) * i / steps;
            double a = angle + SceneRandom.between(random, -0.045, 0.045);
            points[2 * i] = r * Math.cos(a);
            points[2 * i + 1] = r * Math.sin(a);
        }
        canvas.fill(Shape.line(3, points).shifted(2.2, 2.2), 1, 0.6, new Rgb(0.92, 0.92, 0.92));
        canvas.fill(Shape.line(4.6, points), 0.8, 1, new Rgb(0.10, 0.09, 0.09));
    }
}
