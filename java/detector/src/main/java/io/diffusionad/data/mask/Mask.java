package io.diffusionad.data.mask;

import io.diffusionad.image.ExifOrientation;

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

    /** What either of two masks of one size marks. */
    public Mask united(Mask other) {
        boolean[] both = marked.clone();
        for (int i = 0; i < both.length; i++) {
            both[i] |= other.marked[i];
        }
        return new Mask(width, height, both);
    }

    /** The upright mask; the argument itself when it is upright already. */
    public Mask turned(ExifOrientation orientation) {
        if (orientation.equals(ExifOrientation.UPRIGHT)) {
            return this;
        }
        int uprightWidth = orientation.isTransposed() ? height : width;
        int uprightHeight = orientation.isTransposed() ? width : height;
        boolean[] turned = new boolean[marked.length];
        for (int y = 0, i = 0; y < uprightHeight; y++) {
            for (int x = 0; x < uprightWidth; x++) {
                turned[i++] = marked[orientation.storedIndex(x, y, uprightWidth, uprightHeight)];
            }
        }
        return new Mask(uprightWidth, uprightHeight, turned);
    }
}
