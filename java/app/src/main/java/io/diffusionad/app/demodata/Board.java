package io.diffusionad.app.demodata;

import io.diffusionad.random.Draw;

import java.util.List;
import java.util.random.RandomGenerator;

/** A populated printed circuit board on a dark mat: always the same layout, placed and lit a little differently. */
final class Board implements Product {
    private static final double SIDE = 216;
    private static final Rgb TIN = new Rgb(0.76, 0.77, 0.79);
    private static final Rgb GOLD = new Rgb(0.80, 0.66, 0.33);
    /** Tracks as polylines in board coordinates, the origin in the middle. */
    private static final double[][] TRACKS = {
        {-96, -22, -70, -22, -62, -14, -62, 8, -40, 30, -8, 30},
        {-96, -14, -74, -14, -68, -8, -68, 14, -46, 38, -8, 38},
        {-8, 46, -52, 46, -62, 56, -96, 56},
        {-54, -70, -54, -88, -20, -88, -4, -72, 18, -72},
        {-46, -70, -46, -82, -24, -82, -8, -64, 18, -64},
        {-18, -28, -4, -14, -4, -2, 14, 16, 14, 22},
        {-26, -28, -26, -16, 6, 14},
        {70, 30, 84, 30, 96, 18, 96, -40},
        {70, 38, 90, 38, 102, 26},
        {26, 66, 26, 84, 12, 96, -60, 96},
        {34, 66, 34, 92, 40, 98, 70, 98},
        {46, 66, 46, 80, 56, 90, 90, 90},
        {62, -40, 62, -16, 52, -6, 52, 6},
        {44, -16, 44, 6},
        {-90, 76, -70, 76, -62, 84, -30, 84}
    };

    private static final double[][] VIAS = {
        {-8, 30}, {-8, 38}, {-8, 46}, {6, 14}, {-96, 56}, {102, 26}, {-60, 96}, {90, 90}, {-30, 84}, {70, 98},
        {96, -40}, {20, -20}, {28, -26}, {-84, 30}
    };

    @Override
    public String name() {
        return "board";
    }

    @Override
    public List<String> defects() {
        return List.of(
                "missing_part",
                "misplaced_part",
                "solder_bridge",
                "scratch",
                "flux_residue",
                "wrong_colour",
                "contamination",
                "broken_chip");
    }

    @Override
    public void paint(Canvas canvas, RandomGenerator scene, String defect, RandomGenerator damage) {
        int seed = scene.nextInt();
        double mat = SceneRandom.between(scene, 0.95, 1.05);
        double mask = SceneRandom.between(scene, 0.95, 1.05);
        double x = 128 + SceneRandom.between(scene, -1, 1);
        double y = 128 + SceneRandom.between(scene, -1, 1);
        double turn = Math.toRadians(SceneRandom.between(scene, -0.5, 0.5));
        canvas.fill((u, v, d, c) -> {
            double level = mat
                    * (1 + 0.10 * Noise.value(u * 1.1, v * 1.1, seed) + 0.05 * Noise.value(u / 12, v / 12, seed + 1));
            new Rgb(0.17 * level, 0.18 * level, 0.20 * level).shade(u, v, d, c);
        });
        canvas.pose(x, y, turn);
        laminate(canvas, mask, seed);
        List<BoardPart> parts = BoardPart.layout();
        int spoiled = partOf(defect, parts, damage);
        for (int i = 0; i < parts.size(); i++) {
            BoardPart part = parts.get(i)
                    .jittered(
                            SceneRandom.between(scene, -0.3, 0.3),
                            SceneRandom.between(scene, -0.3, 0.3),
                            SceneRandom.between(scene, -0.015, 0.015));
            part.pads(canvas);
            if (i == spoiled) {
                part = spoil(part, defect, damage);
            }
            if (part == null) {
                parts.get(i).glue(canvas, seed);
            } else {
                part.paint(canvas, seed + 31 * i);
            }
        }
        if (defect != null) {
            damage(canvas, defect, damage);
        }
    }

    /** Substrate, solder mask, tracks, vias, mounting holes and silk screen. */
    private static void laminate(Canvas canvas, double mask, int seed) {
        Shape sheet = Shape.box(0, 0, SIDE, SIDE, 0, 7);
        canvas.shadow(sheet, 3, 4, 8, 0.6);
        canvas.fill(sheet, 0, 1, (x, y, d, c) -> {
            double weave =
                    1 + 0.03 * Math.sin(x * 1.9) * Math.sin(y * 1.9) + 0.025 * Noise.value(x / 8, y / 8, seed + 2);
            double rim = d > -1.5 ? 1.25 : 1;
            double level = mask * weave * rim;
            new Rgb(0.07 * level, 0.30 * level, 0.17 * level).shade(x, y, d, c);
        });
        Rgb copper = new Rgb(0.15, 0.43, 0.25).times(mask);
        for (double[] track : TRACKS) {
            canvas.fill(Shape.line(2.8, track), copper);
        }
        for (double[] via : VIAS) {
            canvas.fill(Shape.disc(via[0], via[1], 3.4), GOLD);
            canvas.fill(Shape.disc(via[0], via[1], 1.5), new Rgb(0.10, 0.09, 0.07));
        }
        for (int corner = 0; corner < 4; corner++) {
            double cx = (corner % 2 == 0 ? -1 : 1) * 98;
            double cy = (corner < 2 ? -1 : 1) * 98;
            if (corner != 3) {
                canvas.fill(Shape.disc(cx, cy, 7.5), TIN);
                canvas.fill(Shape.disc(cx, cy, 4.6), new Rgb(0.13, 0.13, 0.15));
            }
        }
        BoardPart.print(canvas, "DAD-1", -92, 100, 1, new Rgb(0.88, 0.90, 0.86));
    }

    private static int partOf(String defect, List<BoardPart> parts, RandomGenerator random) {
        if (defect == null) {
            return -1;
        }
        List<Integer> fitting = java.util.stream.IntStream.range(0, parts.size())
                .filter(i -> parts.get(i).canSuffer(defect))
                .boxed()
                .toList();
        return fitting.isEmpty() ? -1 : fitting.get(Draw.integer(random, 0, fitting.size() - 1));
    }

    /** The part as the defect leaves it, or null if it is gone. */
    private static BoardPart spoil(BoardPart part, String defect, RandomGenerator random) {
        return switch (defect) {
            case "missing_part" -> null;
            case "misplaced_part" ->
                part.jittered(
                        SceneRandom.sign(random) * SceneRandom.between(random, 8, 12),
                        SceneRandom.sign(random) * SceneRandom.between(random, 8, 12),
                        SceneRandom.sign(random) * SceneRandom.between(random, 0.8, 1.3));
            case "wrong_colour" -> part.recoloured(Draw.integer(random, 0, 2));
            case "broken_chip" -> part.broken(random.nextInt());
            default -> part;
        };
    }

    /** Defects that lie over everything. */
    private static void damage(Canvas canvas, String defect, RandomGenerator random) {
        double x = SceneRandom.between(random, -70, 70);
        double y = SceneRandom.between(random, -70, 70);
        int seed = random.nextInt();
        switch (defect) {
            case "scratch" -> {
                double[] path = SceneRandom.path(
                        random,
                        x,
                        y,
                        SceneRandom.between(random, 0, 2 * Math.PI),
                        SceneRandom.between(random, 70, 100),
                        6,
                        0.10);
                canvas.fill(Shape.line(4, path).shifted(1.6, 1.9), 1, 0.6, new Rgb(0.04, 0.12, 0.08));
                canvas.fill(Shape.line(4.6, path), 1, 0.95, new Rgb(0.80, 0.62, 0.42));
            }
            case "flux_residue" ->
                canvas.fill(
                        Shape.blob(x, y, SceneRandom.between(random, 15, 21), 0.35, seed), 5, 0.85, (u, v, d, c) -> {
                            double level = 0.85 + 0.3 * Noise.fractal(u / 4, v / 4, seed);
                            new Rgb(0.86 * level, 0.83 * level, 0.66 * level).shade(u, v, d, c);
                        });
            case "contamination" -> {
                Shape fibre = Shape.line(
                        5,
                        SceneRandom.path(
                                random,
                                x,
                                y,
                                SceneRandom.between(random, 0, 2 * Math.PI),
                                SceneRandom.between(random, 50, 80),
                                14,
                                0.35));
                Rgb colour = Draw.chance(random, 0.5) ? new Rgb(0.92, 0.74, 0.20) : new Rgb(0.80, 0.20, 0.24);
                canvas.shadow(fibre, 2, 3, 3, 0.5);
                canvas.fill(fibre, colour);
            }
            case "solder_bridge" -> {
                double[] place = BoardPart.betweenPins(Draw.integer(random, 0, 9));
                Shape drop = Shape.blob(place[0], place[1], SceneRandom.between(random, 11, 15), 0.35, seed);
                canvas.shadow(drop, 1.5, 2, 3, 0.5);
                canvas.fill(drop, 0, 1, (u, v, d, c) -> {
                    double slope = ((u - place[0]) + (v - place[1])) / 24;
                    TIN.times(0.85 - 0.45 * slope + 0.2 * Noise.value(u / 2, v / 2, seed))
                            .shade(u, v, d, c);
                });
            }
            default -> {
                // the others change a part
            }
        }
    }
}
