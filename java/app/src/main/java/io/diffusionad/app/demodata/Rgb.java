package io.diffusionad.app.demodata;

/** A colour, 0…1 a channel; as a paint it covers what was there. */
record Rgb(double r, double g, double b) implements Canvas.Paint {
    @Override
    public void shade(double x, double y, double d, float[] colour) {
        colour[0] = (float) r;
        colour[1] = (float) g;
        colour[2] = (float) b;
    }

    /** Every channel times {@code factor}. */
    Rgb times(double factor) {
        return new Rgb(r * factor, g * factor, b * factor);
    }

    /** This colour as dye or dirt: what was there times it. */
    Canvas.Paint multiplied() {
        return (x, y, d, c) -> {
            c[0] *= (float) r;
            c[1] *= (float) g;
            c[2] *= (float) b;
        };
    }
}
