package io.diffusionad.image;

/** Marks on pictures. */
public final class Overlay {
    private Overlay() {}

    /** White where the mask is true, black elsewhere. */
    public static GreyImage mask(boolean[] mask, int width, int height) {
        byte[] grey = new byte[width * height];
        for (int i = 0; i < grey.length; i++) {
            grey[i] = (byte) (mask[i] ? 255 : 0);
        }
        return new GreyImage(width, height, grey);
    }

    /**
     * A copy with the outline of the mask in {@code colour} (0xRRGGBB): the pixels just outside regions, so that what
     * they enclose stays visible.
     */
    public static RgbImage contour(RgbImage image, boolean[] mask, int colour) {
        int width = image.width();
        int height = image.height();
        if (mask.length != width * height) {
            throw new IllegalArgumentException(
                    "mask of " + mask.length + " values over an image of " + width + "x" + height);
        }
        byte[] rgb = image.rgb().clone();
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                if (!mask[y * width + x] && touches(mask, width, height, x, y)) {
                    int i = 3 * (y * width + x);
                    rgb[i] = (byte) (colour >> 16);
                    rgb[i + 1] = (byte) (colour >> 8);
                    rgb[i + 2] = (byte) colour;
                }
            }
        }
        return new RgbImage(width, height, rgb);
    }

    private static boolean touches(boolean[] mask, int width, int height, int x, int y) {
        for (int v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
            for (int u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
                if (mask[v * width + u]) {
                    return true;
                }
            }
        }
        return false;
    }
}
