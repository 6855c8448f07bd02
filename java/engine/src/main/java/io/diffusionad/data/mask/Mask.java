package io.diffusionad.data.mask;

/**
 * Which pixels of a picture are defective.
 *
 * @param width pixels a row, at least 1
 * @param height rows, at least 1
 * @param marked (H, W) true where defective; not copied, and by convention not changed after construction
 */
public record Mask(int width, int height, boolean[] marked) {
    public Mask {
        if (width < 1 || height < 1 || marked.length != (long) width * height) {
            throw new IllegalArgumentException(marked.length + " values are no mask of " + width + "x" + height);
        }
    }

    /** A mask that marks nothing. */
    public static Mask none(int width, int height) {
        return new Mask(width, height, new boolean[width * height]);
    }

    /** How many pixels are marked. */
    public long area() {
        long area = 0;
        for (boolean pixel : marked) {
            area += pixel ? 1 : 0;
        }
        return area;
    }
}
