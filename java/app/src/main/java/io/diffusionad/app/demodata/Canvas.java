package io.diffusionad.app.demodata;

/**
 * Linear float RGB at twice the finished resolution. Figures are placed in scene coordinates, turned and moved by the
 * canvas's pose; edges are antialiased by distance. Not thread-safe.
 */
final class Canvas {
    /** Side of the finished picture. */
    static final int SIZE = 256;

    static final int OVERSAMPLING = 2;
    static final int SIDE = SIZE * OVERSAMPLING;
    private static final double HALF_PIXEL = 0.5 / OVERSAMPLING;

    final float[] rgb = new float[SIDE * SIDE * 3];
    private double cos = 1;
    private double sin;
    private double originX;
    private double originY;

    /**
     * Colours a point: {@code colour} holds what is there (0…1 each) and takes the result; {@code d} is the distance to
     * the figure's rim.
     */
    @FunctionalInterface
    interface Paint {
        void shade(double x, double y, double d, float[] colour);
    }

    /** From now on scene point (0, 0) lies at picture point (x, y), turned by {@code angle} radians clockwise. */
    void pose(double x, double y, double angle) {
        originX = x;
        originY = y;
        cos = Math.cos(angle);
        sin = Math.sin(angle);
    }

    /** Paints everywhere; d is 0. */
    void fill(Paint paint) {
        area(0, SIDE - 1, 0, SIDE - 1, null, 1, 1, paint);
    }

    /**
     * Paints the inside of a figure. @param softness width of the transition at the rim in picture pixels, 0 for
     * sharp; @param opacity 0…1
     */
    void fill(Shape shape, double softness, double opacity, Paint paint) {
        double px = originX + shape.cx() * cos - shape.cy() * sin;
        double py = originY + shape.cx() * sin + shape.cy() * cos;
        double reach = shape.reach() + softness / 2 + 1;
        area(
                (int) Math.floor((px - reach) * OVERSAMPLING),
                (int) Math.ceil((px + reach) * OVERSAMPLING),
                (int) Math.floor((py - reach) * OVERSAMPLING),
                (int) Math.ceil((py + reach) * OVERSAMPLING),
                shape,
                Math.max(2 * HALF_PIXEL, softness),
                opacity,
                paint);
    }

    /** As above, sharp and opaque, in one colour. */
    void fill(Shape shape, Rgb colour) {
        fill(shape, 0, 1, colour);
    }

    /** Darkens what lies under the figure moved by (dx, dy) in the picture, whatever the pose. */
    void shadow(Shape shape, double dx, double dy, double blur, double strength) {
        Shape moved = shape.shifted(dx * cos + dy * sin, dy * cos - dx * sin);
        fill(moved, blur, strength, (x, y, d, c) -> {
            c[0] = 0;
            c[1] = 0;
            c[2] = 0;
        });
    }

    private void area(int x0, int x1, int y0, int y1, Shape shape, double softness, double opacity, Paint paint) {
        float[] colour = new float[3];
        for (int py = Math.max(0, y0); py <= Math.min(SIDE - 1, y1); py++) {
            for (int px = Math.max(0, x0); px <= Math.min(SIDE - 1, x1); px++) {
                double dx = (px + 0.5) / OVERSAMPLING - originX;
                double dy = (py + 0.5) / OVERSAMPLING - originY;
                double x = dx * cos + dy * sin;
                double y = dy * cos - dx * sin;
                double d = shape == null ? 0 : shape.distance(x, y);
                double cover = shape == null ? 1 : Math.max(0, Math.min(1, 0.5 - d / softness));
                float alpha = (float) (opacity * cover * cover * (3 - 2 * cover));
                if (alpha > 0) {
                    int i = 3 * (py * SIDE + px);
                    colour[0] = rgb[i];
                    colour[1] = rgb[i + 1];
                    colour[2] = rgb[i + 2];
                    paint.shade(x, y, d, colour);
                    rgb[i] += alpha * (colour[0] - rgb[i]);
                    rgb[i + 1] += alpha * (colour[1] - rgb[i + 1]);
                    rgb[i + 2] += alpha * (colour[2] - rgb[i + 2]);
                }
            }
        }
    }
}
