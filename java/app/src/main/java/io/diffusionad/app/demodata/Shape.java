package io.diffusionad.app.demodata;

/**
 * A plane figure by its signed distance: negative inside, in the units of the scene (pixels of the finished picture).
 */
interface Shape {
    double distance(double x, double y);

    /** No point inside is farther than this from (cx, cy). */
    double reach();

    double cx();

    double cy();

    /** A disc. */
    static Shape disc(double cx, double cy, double radius) {
        return of(cx, cy, radius, (x, y) -> Math.sqrt((x - cx) * (x - cx) + (y - cy) * (y - cy)) - radius);
    }

    /** The area between two circles. */
    static Shape ring(double cx, double cy, double inner, double outer) {
        return of(cx, cy, outer, (x, y) -> {
            double r = Math.hypot(x - cx, y - cy);
            return Math.max(r - outer, inner - r);
        });
    }

    /** A rectangle of {@code width x height} turned by {@code angle} (radians), its corners rounded. */
    static Shape box(double cx, double cy, double width, double height, double angle, double rounding) {
        double cos = Math.cos(angle);
        double sin = Math.sin(angle);
        return of(cx, cy, Math.hypot(width, height) / 2, (x, y) -> {
            double u = Math.abs((x - cx) * cos + (y - cy) * sin) - width / 2 + rounding;
            double v = Math.abs((y - cy) * cos - (x - cx) * sin) - height / 2 + rounding;
            return (u > 0 && v > 0 ? Math.sqrt(u * u + v * v) : Math.max(u, v)) - rounding;
        });
    }

    /** A line through the points {x0, y0, x1, y1, …} with round ends. */
    static Shape line(double width, double... points) {
        double cx = 0;
        double cy = 0;
        int n = points.length / 2;
        for (int i = 0; i < n; i++) {
            cx += points[2 * i] / n;
            cy += points[2 * i + 1] / n;
        }
        double reach = 0;
        for (int i = 0; i < n; i++) {
            reach = Math.max(reach, Math.hypot(points[2 * i] - cx, points[2 * i + 1] - cy));
        }
        return of(cx, cy, reach + width / 2, (x, y) -> {
            double best = Double.MAX_VALUE;
            for (int i = 0; i + 1 < n; i++) {
                best = Math.min(
                        best, toSegment(x, y, points[2 * i], points[2 * i + 1], points[2 * i + 2], points[2 * i + 3]));
            }
            return best - width / 2;
        });
    }

    private static double toSegment(double x, double y, double ax, double ay, double bx, double by) {
        double length = (bx - ax) * (bx - ax) + (by - ay) * (by - ay);
        double t = length == 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
        double dx = x - ax - t * (bx - ax);
        double dy = y - ay - t * (by - ay);
        return Math.sqrt(dx * dx + dy * dy);
    }

    /** A disc whose rim wanders in and out by up to {@code roughness} of its radius. */
    static Shape blob(double cx, double cy, double radius, double roughness, int seed) {
        return of(cx, cy, radius * (1 + roughness), (x, y) -> {
            double u = (x - cx) / radius * 1.3 + 0.37;
            double v = (y - cy) / radius * 1.3 + 0.71;
            double wobble = Noise.value(u, v, seed) + 0.35 * Noise.value(3.1 * u, 3.1 * v, seed + 1);
            return Math.hypot(x - cx, y - cy) - radius * (1 + roughness * 0.75 * wobble);
        });
    }

    /** What lies in both figures. */
    default Shape within(Shape other) {
        Shape self = this;
        return of(cx(), cy(), reach(), (x, y) -> Math.max(self.distance(x, y), other.distance(x, y)));
    }

    /** The same figure elsewhere. */
    default Shape shifted(double dx, double dy) {
        Shape self = this;
        return of(cx() + dx, cy() + dy, reach(), (x, y) -> self.distance(x - dx, y - dy));
    }

    /** The signed distance alone. */
    @FunctionalInterface
    interface Distance {
        double at(double x, double y);
    }

    /** A figure within {@code reach} of (cx, cy). */
    static Shape of(double cx, double cy, double reach, Distance distance) {
        return new Shape() {
            @Override
            public double distance(double x, double y) {
                return distance.at(x, y);
            }

            @Override
            public double reach() {
                return reach;
            }

            @Override
            public double cx() {
                return cx;
            }

            @Override
            public double cy() {
                return cy;
            }
        };
    }
}
