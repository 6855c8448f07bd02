package io.diffusionad.image;

/** Colour to grey. */
public final class ColorConversion {
    private ColorConversion() {}

    /**
     * BT.601 luma in 15-bit fixed point (one bit more than the luma of YCrCb), as OpenCV's {@code COLOR_RGB2GRAY};
     * equal channels stay as they are.
     */
    public static GreyImage grey(RgbImage image) {
        byte[] rgb = image.rgb();
        byte[] grey = new byte[rgb.length / 3];
        for (int i = 0; i < grey.length; i++) {
            grey[i] = (byte) ColorSpace.descale(
                    (rgb[3 * i] & 0xFF) * 9798 + (rgb[3 * i + 1] & 0xFF) * 19235 + (rgb[3 * i + 2] & 0xFF) * 3735, 15);
        }
        return new GreyImage(image.width(), image.height(), grey);
    }
}
