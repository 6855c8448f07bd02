package io.diffusionad.data.synthesis;

import io.diffusionad.random.Draw;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Kinds of procedural textures. Each paints (height, width) levels, mostly within [0, 1]; sizes are relative to the
 * picture.
 */
enum TextureFamily {
    /** Several octaves of noise: clouds, rust, plaster. */
    CLOUDS {
        @Override
        float[] paint(int width, int height, RandomGenerator random) {
            return fractal(width, height, Draw.integer(random, 1, 3), Draw.integer(random, 2, 4), random);
        }
    },
    /** Parallel lines, straight or bent by noise. */
    STRIPES {
        @Override
        float[] paint(int width, int height, RandomGenerator random) {
            double frequency = Draw.uniform(random, 4, 30) * 2 * Math.PI;
            double angle = Draw.uniform(random, 0, Math.PI);
            double bend = Draw.chance(random, 0.5) ? 0 : Draw.uniform(random, 0.02, 0.12);
            double sharpness = Draw.uniform(random, 0.5, 4);
            float[] warp = fractal(width, height, 1, 2, random);
            return each(width, height, (x, y, i) -> {
                double s = Math.sin(frequency * (x * Math.cos(angle) + y * Math.sin(angle) + bend * warp[i]));
                return 0.5 + 0.5 * Math.tanh(sharpness * s) / Math.tanh(sharpness);
            });
        }
    },
    /** Voronoi cells: filled, shaded, or only their walls. */
    CELLS {
        @Override
        float[] paint(int width, int height, RandomGenerator random) {
            int n = Draw.integer(random, 12, 90);
            double[] sites = uniforms(3 * n, random);
            int style = Draw.integer(random, 0, 2);
            double scale = Math.sqrt(n);
            return each(width, height, (x, y, i) -> {
                double first = 9;
                double second = 9;
                int nearest = 0;
                for (int s = 0; s < n; s++) {
                    double dx = x - sites[3 * s];
                    double dy = y - sites[3 * s + 1];
                    double d = dx * dx + dy * dy;
                    if (d < first) {
                        second = first;
                        first = d;
                        nearest = s;
                    } else if (d < second) {
                        second = d;
                    }
                }
                double wall = (Math.sqrt(second) - Math.sqrt(first)) * scale;
                return style == 0
                        ? sites[3 * nearest + 2]
                        : style == 1 ? Math.sqrt(first) * scale : Math.min(1, 3 * wall);
            });
        }
    },
    /** Checkers and bricks, each field with its own level. */
    CHECKS {
        @Override
        float[] paint(int width, int height, RandomGenerator random) {
            int columns = Draw.integer(random, 3, 16);
            int rows = Draw.integer(random, 3, 16);
            double shift = Draw.chance(random, 0.5) ? 0.5 : 0;
            double joint = Draw.uniform(random, 0, 0.15);
            double regular = Draw.uniform(random, 0, 1);
            double[] levels = uniforms(32 * 32, random);
            double angle = Draw.chance(random, 0.5) ? 0 : Draw.uniform(random, 0, Math.PI);
            return each(width, height, (x, y, i) -> {
                double u = (x * Math.cos(angle) + y * Math.sin(angle) + 2) * columns;
                double v = (y * Math.cos(angle) - x * Math.sin(angle) + 2) * rows;
                int row = (int) v;
                u += row % 2 * shift;
                int column = (int) u;
                boolean inJoint = u - column < joint || v - row < joint;
                return inJoint
                        ? 0
                        : regular * ((row + column) % 2) + (1 - regular) * levels[row % 32 * 32 + column % 32];
            });
        }
    },
    /** Round dots of different sizes. */
    SPOTS {
        @Override
        float[] paint(int width, int height, RandomGenerator random) {
            float[] levels = fractal(width, height, 1, 2, random);
            int n = Draw.integer(random, 20, 140);
            for (int s = 0; s < n; s++) {
                double radius = Draw.uniform(random, 0.01, 0.07);
                disc(levels, width, height, Draw.uniform(random, 0, 1), Draw.uniform(random, 0, 1), radius, (float)
                        Draw.uniform(random, 0, 1));
            }
            return levels;
        }
    },
    /** Growth rings with fibres along them. */
    WOOD {
        @Override
        float[] paint(int width, int height, RandomGenerator random) {
            double cx = Draw.uniform(random, -1, 2);
            double cy = Draw.uniform(random, -0.5, 1.5);
            double rings = Draw.uniform(random, 6, 30);
            double stretch = Draw.uniform(random, 0.1, 1);
            float[] warp = fractal(width, height, 1, 3, random);
            return each(width, height, (x, y, i) -> {
                double r = Math.hypot(x - cx, (y - cy) * stretch) * rings + warp[i] * 1.5;
                return 0.8 * (r - Math.floor(r)) + 0.2 * warp[i];
            });
        }
    },
    /** Veins: a sine of a coordinate disturbed by turbulence. */
    MARBLE {
        @Override
        float[] paint(int width, int height, RandomGenerator random) {
            double angle = Draw.uniform(random, 0, Math.PI);
            double frequency = Draw.uniform(random, 2, 8) * Math.PI;
            double strength = Draw.uniform(random, 3, 9);
            float[] turbulence = fractal(width, height, 2, 4, random);
            return each(
                    width,
                    height,
                    (x, y, i) -> Math.abs(Math.sin(
                            frequency * (x * Math.cos(angle) + y * Math.sin(angle)) + strength * turbulence[i])));
        }
    },
    /** Long thin straight strokes: scratches, hair, brushed metal. */
    FIBRES {
        @Override
        float[] paint(int width, int height, RandomGenerator random) {
            float[] levels = fractal(width, height, 2, 2, random);
            int n = Draw.integer(random, 40, 200);
            double direction = Draw.uniform(random, 0, Math.PI);
            double scatter = Draw.chance(random, 0.5) ? 0.15 : Math.PI;
            for (int s = 0; s < n; s++) {
                double angle = direction + Draw.uniform(random, -scatter, scatter);
                double length = Draw.uniform(random, 0.1, 0.6);
                double x = Draw.uniform(random, 0, 1);
                double y = Draw.uniform(random, 0, 1);
                float level = (float) Draw.uniform(random, 0, 1);
                double radius = Draw.uniform(random, 0.002, 0.009);
                int steps = (int) (length * width);
                for (int k = 0; k < steps; k++) {
                    disc(
                            levels,
                            width,
                            height,
                            x + Math.cos(angle) * length * k / steps,
                            y + Math.sin(angle) * length * k / steps,
                            radius,
                            level);
                }
            }
            return levels;
        }
    },
    /** A few soft lights and shades. */
    BLOBS {
        @Override
        float[] paint(int width, int height, RandomGenerator random) {
            int n = Draw.integer(random, 3, 12);
            double[] p = uniforms(4 * n, random);
            return each(width, height, (x, y, i) -> {
                double level = 0.5;
                for (int s = 0; s < n; s++) {
                    double size = 0.03 + 0.2 * p[4 * s + 2];
                    double d = Math.hypot(x - p[4 * s], y - p[4 * s + 1]) / size;
                    level += (p[4 * s + 3] - 0.5) * Math.exp(-d * d);
                }
                return level;
            });
        }
    },
    /** Over-and-under threads. */
    WEAVE {
        @Override
        float[] paint(int width, int height, RandomGenerator random) {
            double threads = Draw.uniform(random, 8, 28);
            double angle = Draw.uniform(random, 0, Math.PI);
            double warpLevel = Draw.uniform(random, 0.3, 0.7);
            return each(width, height, (x, y, i) -> {
                double u = (x * Math.cos(angle) + y * Math.sin(angle) + 2) * threads;
                double v = (y * Math.cos(angle) - x * Math.sin(angle) + 2) * threads;
                boolean over = ((int) u + (int) v) % 2 == 0;
                double across = over ? u - Math.floor(u) : v - Math.floor(v);
                double along = over ? v - Math.floor(v) : u - Math.floor(u);
                double thread = Math.sin(Math.PI * across) * (0.7 + 0.3 * Math.sin(Math.PI * along));
                return over ? thread : thread * warpLevel;
            });
        }
    },
    /** Independent pixels and small grains, some coarse. */
    GRAIN {
        @Override
        float[] paint(int width, int height, RandomGenerator random) {
            int size = Draw.integer(random, 1, 4);
            int columns = width / size + 1;
            double[] grains = uniforms(columns * (height / size + 1), random);
            double contrast = Draw.uniform(random, 0.3, 1);
            float[] base = fractal(width, height, 1, 2, random);
            return each(width, height, (x, y, i) -> {
                double grain = grains[i / width / size * columns + i % width / size];
                return base[i] + contrast * (grain - 0.5);
            });
        }
    },
    /** Flat patches with straight edges, one over the other. */
    PATCHES {
        @Override
        float[] paint(int width, int height, RandomGenerator random) {
            float[] levels = new float[width * height];
            Arrays.fill(levels, (float) Draw.uniform(random, 0, 1));
            int n = Draw.integer(random, 5, 30);
            for (int s = 0; s < n; s++) {
                double angle = Draw.uniform(random, 0, Math.PI);
                double cx = Draw.uniform(random, 0, 1);
                double cy = Draw.uniform(random, 0, 1);
                double halfLength = Draw.uniform(random, 0.03, 0.35);
                double halfWidth = Draw.uniform(random, 0.02, 0.2);
                float level = (float) Draw.uniform(random, 0, 1);
                for (int i = 0; i < levels.length; i++) {
                    double x = (i % width + 0.5) / width - cx;
                    double y = (i / width + 0.5) / height - cy;
                    if (Math.abs(x * Math.cos(angle) + y * Math.sin(angle)) < halfLength
                            && Math.abs(y * Math.cos(angle) - x * Math.sin(angle)) < halfWidth) {
                        levels[i] = level;
                    }
                }
            }
            return levels;
        }
    };

    abstract float[] paint(int width, int height, RandomGenerator random);

    /** A level from a position in [0, 1)² and the pixel's index. */
    private interface Painter {
        double level(double x, double y, int index);
    }

    private static float[] each(int width, int height, Painter painter) {
        float[] levels = new float[width * height];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = (float) painter.level((i % width + 0.5) / width, (i / width + 0.5) / height, i);
        }
        return levels;
    }

    private static double[] uniforms(int count, RandomGenerator random) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = Draw.uniform(random, 0, 1);
        }
        return values;
    }

    /** Octaves of Perlin noise from lattice 2^{@code first} on, halving in weight, centred on 0.5. */
    private static float[] fractal(int width, int height, int first, int octaves, RandomGenerator random) {
        float[] levels = new float[width * height];
        Arrays.fill(levels, 0.5f);
        double weight = 0.5;
        for (int octave = first; octave < first + octaves; octave++) {
            double[] noise = PerlinNoise.random(width, height, octave, octave, random);
            for (int i = 0; i < levels.length; i++) {
                levels[i] += (float) (weight * noise[i]);
            }
            weight /= 2;
        }
        return levels;
    }

    private static void disc(float[] levels, int width, int height, double cx, double cy, double radius, float level) {
        int x0 = (int) Math.max(0, (cx - radius) * width);
        int x1 = (int) Math.min(width - 1, (cx + radius) * width);
        int y0 = (int) Math.max(0, (cy - radius) * height);
        int y1 = (int) Math.min(height - 1, (cy + radius) * height);
        for (int y = y0; y <= y1; y++) {
            for (int x = x0; x <= x1; x++) {
                double dx = (x + 0.5) / width - cx;
                double dy = (y + 0.5) / height - cy;
                if (dx * dx + dy * dy <= radius * radius) {
                    levels[y * width + x] = level;
                }
            }
        }
    }
}
