package io.diffusionad.ops;

/** A change of resolution by two: {@code UP} repeats every pixel (nearest), {@code DOWN} averages 2x2 pixels. */
public enum Resample {
    NONE,
    UP,
    DOWN;

    /** The size that {@code size} becomes; DOWN needs an even one. */
    public int apply(int size) {
        return switch (this) {
            case NONE -> size;
            case UP -> size * 2;
            case DOWN -> size / 2;
        };
    }
}
