package io.diffusionad.app.demodata;

import java.util.List;

/**
 * One component of the board.
 *
 * @param kind what it looks like
 * @param x centre in board coordinates; @param y likewise
 * @param angle radians
 * @param width before turning; @param height likewise
 * @param label what the silk screen or the package says
 * @param variant 0 as designed, above that the wrong colours
 * @param breakage seed of a broken corner, 0 for none
 */
record BoardPart(
        Kind kind,
        double x,
        double y,
        double angle,
        double width,
        double height,
        String label,
        int variant,
        int breakage) {
    private static final Rgb TIN = new Rgb(0.76, 0.77, 0.79);
    private static final Rgb SILK = new Rgb(0.88, 0.90, 0.86);
    private static final int CHIP_PINS = 8;
    private static final double CHIP_X = -36;
    private static final double CHIP_Y = -49;
    private static final double CHIP_WIDTH = 64;
    private static final double CHIP_HEIGHT = 34;

    enum Kind {
        RESISTOR,
        CERAMIC,
        CHIP,
        QUAD_CHIP,
        ELECTROLYTIC,
        CRYSTAL,
        CONNECTOR,
        LED
    }

    private static BoardPart part(
            Kind kind, double x, double y, double degrees, double width, double height, String label) {
        return new BoardPart(kind, x, y, Math.toRadians(degrees), width, height, label, 0, 0);
    }

    /** All parts as designed. */
    static List<BoardPart> layout() {
        return List.of(
                part(Kind.CHIP, CHIP_X, CHIP_Y, 0, CHIP_WIDTH, CHIP_HEIGHT, "AD574"),
                part(Kind.QUAD_CHIP, 46, 42, 0, 46, 46, "T4.8"),
                part(Kind.ELECTROLYTIC, 70, -68, 0, 42, 42, "47"),
                part(Kind.CRYSTAL, 30, -14, 0, 36, 14, "16.0"),
                part(Kind.CONNECTOR, -90, 14, 0, 20, 62, "J1"),
                part(Kind.LED, 90, -8, 90, 17, 10, "D1"),
                part(Kind.RESISTOR, -44, 66, 0, 20, 10, "103"),
                part(Kind.RESISTOR, -14, 66, 0, 20, 10, "472"),
                part(Kind.RESISTOR, 92, 64, 90, 20, 10, "221"),
                part(Kind.RESISTOR, -56, 14, 90, 20, 10, "220"),
                part(Kind.CERAMIC, -30, 12, 0, 16, 10, ""),
                part(Kind.CERAMIC, 24, -46, 90, 16, 10, ""),
                part(Kind.CERAMIC, -20, 92, 0, 16, 10, ""),
                part(Kind.CERAMIC, 8, 84, 90, 16, 10, ""));
    }

    BoardPart jittered(double dx, double dy, double turn) {
        return new BoardPart(kind, x + dx, y + dy, angle + turn, width, height, label, variant, breakage);
    }

    BoardPart recoloured(int choice) {
        return new BoardPart(kind, x, y, angle, width, height, label, choice + 1, breakage);
    }

    /** What a part that fell off leaves behind: the red adhesive that held it while the board was soldered. */
    void glue(Canvas canvas, int seed) {
        canvas.fill(Shape.blob(x, y, 0.36 * Math.min(width, height), 0.3, seed), 1.5, 1, new Rgb(0.72, 0.20, 0.15));
    }

    BoardPart broken(int seed) {
        return new BoardPart(kind, x, y, angle, width, height, label, variant, seed == 0 ? 1 : seed);
    }

    boolean canSuffer(String defect) {
        return switch (defect) {
            case "missing_part", "misplaced_part" ->
                kind == Kind.CHIP || kind == Kind.ELECTROLYTIC || kind == Kind.CRYSTAL;
            case "wrong_colour" -> kind == Kind.CONNECTOR;
            case "broken_chip" -> kind == Kind.CHIP || kind == Kind.QUAD_CHIP || kind == Kind.ELECTROLYTIC;
            default -> false;
        };
    }

    /** A place between two neighbouring pins of the chip, 0…9. */
    static double[] betweenPins(int number) {
        double step = CHIP_WIDTH / CHIP_PINS;
        return new double[] {
            CHIP_X - CHIP_WIDTH / 2 + step * (number % 5 + 2), CHIP_Y + (number < 5 ? -1 : 1) * (CHIP_HEIGHT / 2 + 5)
        };
    }

    /** What is printed and plated under the part: it shows when the part is gone. */
    void pads(Canvas canvas) {
        switch (kind) {
            case RESISTOR, CERAMIC, LED, CRYSTAL -> {
                for (int side = -1; side <= 1; side += 2) {
                    canvas.fill(local(side * width * 0.42, 0, width * 0.34, height * 1.1, 0), 0, 1, TIN.times(0.95));
                }
            }
            case CHIP -> chipPins(canvas, 12, TIN.times(0.8));
            case ELECTROLYTIC -> {
                canvas.fill(Shape.disc(x, y, width * 0.56), SILK);
                canvas.fill(Shape.disc(x, y, width * 0.52), new Rgb(0.08, 0.31, 0.18));
                canvas.fill(local(-8, 0, 7, 9, 1), TIN);
                canvas.fill(local(8, 0, 7, 9, 1), TIN);
            }
            default -> {
                // connector and quad chip hide what is under them
            }
        }
    }

    void paint(Canvas canvas, int seed) {
        switch (kind) {
            case RESISTOR, CERAMIC -> passive(canvas, seed);
            case CHIP -> {
                chipPins(canvas, 10, TIN);
                mould(canvas, seed);
            }
            case QUAD_CHIP -> {
                quadPins(canvas);
                mould(canvas, seed);
            }
            case ELECTROLYTIC -> electrolytic(canvas, seed);
            case CRYSTAL -> crystal(canvas);
            case CONNECTOR -> connector(canvas);
            case LED -> led(canvas);
        }
    }

    /** A rectangle at (u, v) in the part's own coordinates. */
    private Shape local(double u, double v, double w, double h, double rounding) {
        double cos = Math.cos(angle);
        double sin = Math.sin(angle);
        return Shape.box(x + u * cos - v * sin, y + u * sin + v * cos, w, h, angle, rounding);
    }

    private void passive(Canvas canvas, int seed) {
        Shape body = local(0, 0, width, height, 1);
        canvas.shadow(body, 1.5, 2, 3, 0.55);
        Rgb[] colours = kind == Kind.RESISTOR
                ? new Rgb[] {
                    new Rgb(0.12, 0.12, 0.13),
                    new Rgb(0.62, 0.20, 0.14),
                    new Rgb(0.20, 0.36, 0.66),
                    new Rgb(0.86, 0.84, 0.78)
                }
                : new Rgb[] {
                    new Rgb(0.66, 0.52, 0.38),
                    new Rgb(0.30, 0.32, 0.36),
                    new Rgb(0.24, 0.38, 0.68),
                    new Rgb(0.16, 0.12, 0.12)
                };
        canvas.fill(body, 0, 1, lit(TIN, 0.10));
        canvas.fill(
                local(0, 0, width * 0.62, height, 0),
                0,
                1,
                lit(colours[variant].times(1 + 0.03 * Noise.lattice(seed, 0, seed)), 0.12));
        if (kind == Kind.RESISTOR) {
            text(canvas, 0.62);
        }
    }

    private void chipPins(Canvas canvas, double length, Rgb colour) {
        double step = width / CHIP_PINS;
        for (int side = -1; side <= 1; side += 2) {
            for (int pin = 0; pin < CHIP_PINS; pin++) {
                double u = -width / 2 + step * (pin + 0.5);
                double v = side * (height / 2 + length / 2 - 2);
                canvas.fill(local(u, v, 4.2, length, 1), 0, 1, lit(colour, 0.15));
            }
        }
    }

    private void quadPins(Canvas canvas) {
        double step = (width - 6) / 9;
        for (int pin = 0; pin < 9; pin++) {
            double along = -width / 2 + 3 + step * (pin + 0.5);
            for (int side = -1; side <= 1; side += 2) {
                canvas.fill(local(along, side * (height / 2 + 2.5), 2.4, 7, 0.5), 0, 1, lit(TIN, 0.15));
                canvas.fill(local(side * (width / 2 + 2.5), along, 7, 2.4, 0.5), 0, 1, lit(TIN, 0.15));
            }
        }
    }

    /** The moulded body of a chip with its label and pin-one mark. */
    private void mould(Canvas canvas, int seed) {
        Shape body = local(0, 0, width, height, 2);
        canvas.shadow(body, 2.5, 3.5, 5, 0.6);
        canvas.fill(body, 0, 1, (px, py, d, c) -> {
            double edge = d > -2 ? 1.5 : 1;
            double level = edge * (1 + 0.10 * Noise.value(px * 1.2, py * 1.2, seed) - 0.0025 * (px - x + py - y));
            new Rgb(0.125 * level, 0.125 * level, 0.135 * level).shade(px, py, d, c);
        });
        double cos = Math.cos(angle);
        double sin = Math.sin(angle);
        double markU = -width / 2 + 6;
        double markV = height / 2 - 6;
        canvas.fill(
                Shape.disc(x + markU * cos - markV * sin, y + markU * sin + markV * cos, 2.4),
                new Rgb(0.25, 0.25, 0.26));
        text(canvas, 1.2);
        if (breakage != 0) {
            breakCorner(canvas);
        }
    }

    private void breakCorner(Canvas canvas) {
        double u = (breakage & 1) == 0 ? width / 2 - 6 : -width / 2 + 6;
        double v = (breakage & 2) == 0 ? height / 2 - 6 : -height / 2 + 6;
        Shape chunk = Shape.blob(x + u, y + v, 10, 0.5, breakage);
        canvas.fill(chunk, 1, 1, (px, py, d, c) -> {
            double level = 0.9 + 0.35 * Noise.fractal(px / 3, py / 3, breakage);
            new Rgb(0.56 * level, 0.54 * level, 0.50 * level).shade(px, py, d, c);
        });
    }

    private void electrolytic(Canvas canvas, int seed) {
        double radius = width / 2;
        Shape can = Shape.disc(x, y, radius);
        canvas.shadow(can, 6, 8, 9, 0.6);
        Rgb[] sleeves = {
            new Rgb(0.13, 0.14, 0.20), new Rgb(0.50, 0.12, 0.12), new Rgb(0.12, 0.40, 0.24), new Rgb(0.62, 0.48, 0.14)
        };
        canvas.fill(can, sleeves[variant]);
        canvas.fill(Shape.disc(x, y, radius * 0.84), 0, 1, (px, py, d, c) -> {
            double slope = ((px - x) + (py - y)) / (2 * radius);
            double level = 0.74 - 0.22 * slope + (d > -1.5 ? 0.12 : 0) + 0.02 * Noise.value(px, py, seed);
            new Rgb(level, level, 1.02 * level).shade(px, py, d, c);
        });
        for (int k = 0; k < 2; k++) { // the vent's cross
            canvas.fill(
                    Shape.box(x, y, radius * 1.1, 1.6, angle + 0.4 + k * Math.PI / 2, 0.5),
                    0,
                    0.7,
                    new Rgb(0.45, 0.45, 0.47));
        }
        canvas.fill(
                Shape.of(x, y, radius, (px, py) -> Math.max(can.distance(px, py), px - x + radius * 0.6)),
                0,
                0.9,
                new Rgb(0.10, 0.10, 0.14));
        if (breakage != 0) {
            canvas.fill(Shape.blob(x + 4, y + 3, radius * 0.42, 0.5, breakage), 2, 1, (px, py, d, c) -> {
                double level = 0.7 + 0.5 * Noise.fractal(px / 4, py / 4, breakage);
                new Rgb(0.40 * level, 0.28 * level, 0.18 * level).shade(px, py, d, c);
            });
        }
    }

    private void crystal(Canvas canvas) {
        Shape can = local(0, 0, width, height, height / 2 - 0.1);
        canvas.shadow(can, 2, 3, 4, 0.6);
        canvas.fill(can, 0, 1, lit(new Rgb(0.70, 0.70, 0.71), 0.22));
        canvas.fill(local(0, 0, width - 5, height - 5, height / 2 - 2.6), 0, 1, lit(new Rgb(0.80, 0.80, 0.81), 0.12));
        text(canvas, 0.9);
    }

    private void connector(Canvas canvas) {
        Rgb[] plastics = {
            new Rgb(0.86, 0.84, 0.77), new Rgb(0.26, 0.28, 0.62), new Rgb(0.64, 0.18, 0.16), new Rgb(0.22, 0.22, 0.23)
        };
        Shape body = local(0, 0, width, height, 2);
        canvas.shadow(body, 4, 5, 6, 0.6);
        canvas.fill(body, 0, 1, lit(plastics[variant], 0.08));
        canvas.fill(local(1.5, 0, width - 8, height - 8, 1), 0, 1, lit(plastics[variant].times(0.72), 0.05));
        for (int pin = 0; pin < 6; pin++) {
            double v = -height / 2 + 8 + pin * (height - 16) / 5;
            canvas.fill(local(1.5, v, 5, 5, 0.5), 0, 1, lit(new Rgb(0.80, 0.66, 0.33), 0.2));
        }
    }

    private void led(Canvas canvas) {
        canvas.shadow(local(0, 0, width, height, 1), 1.5, 2, 3, 0.5);
        canvas.fill(local(0, 0, width, height, 1), 0, 1, lit(new Rgb(0.90, 0.89, 0.86), 0.06));
        canvas.fill(local(0, 0, width * 0.55, height * 0.7, 3), 0, 1, lit(new Rgb(0.93, 0.80, 0.28), 0.15));
    }

    /** Lighter towards the upper left, darker towards the lower right of the part. */
    private Canvas.Paint lit(Rgb colour, double strength) {
        return (px, py, d, c) -> colour.times(1 - strength * ((px - x) + (py - y)) / (width + height) * 2)
                .shade(px, py, d, c);
    }

    /** The label in the middle of the part. @param size of a font pixel in picture pixels */
    private void text(Canvas canvas, double size) {
        double cos = Math.cos(angle);
        double sin = Math.sin(angle);
        double textWidth = (label.length() * Silkscreen.WIDTH - 1) * size;
        double textHeight = Silkscreen.HEIGHT * size;
        Rgb ink = kind == Kind.CRYSTAL ? new Rgb(0.35, 0.35, 0.36) : new Rgb(0.62, 0.62, 0.60);
        canvas.fill(local(0, 0, textWidth, textHeight, 0), 0, 1, (px, py, d, c) -> {
            double u = (px - x) * cos + (py - y) * sin + textWidth / 2;
            double v = (py - y) * cos - (px - x) * sin + textHeight / 2;
            if (Silkscreen.isInk(label, (int) Math.floor(u / size), (int) Math.floor(v / size))) {
                ink.shade(px, py, d, c);
            }
        });
    }

    /** Silk-screen text with its lower left corner at (x, y). */
    static void print(Canvas canvas, String text, double x, double y, double size, Rgb ink) {
        double width = text.length() * Silkscreen.WIDTH * size;
        double height = Silkscreen.HEIGHT * size;
        canvas.fill(Shape.box(x + width / 2, y - height / 2, width, height, 0, 0), 0, 1, (px, py, d, c) -> {
            if (Silkscreen.isInk(text, (int) Math.floor((px - x) / size), (int) Math.floor((py - y + height) / size))) {
                ink.shade(px, py, d, c);
            }
        });
    }
}
