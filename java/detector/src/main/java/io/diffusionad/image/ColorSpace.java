package io.diffusionad.image;

/**
 * Colour spaces in 8 bits a channel with the value ranges of OpenCV's {@code cvtColor} (hue in 0…179, L* scaled to
 * 0…255, a*, b*, u*, v* shifted), and its integer or float32 arithmetic. Against OpenCV 4.6, YCrCb, YUV, RGB to HSV,
 * and HLS, Lab and Luv to RGB are equal bit for bit; HSV to RGB and RGB to HLS, Lab and Luv differ by one level on
 * fewer than four values in ten thousand.
 */
public enum ColorSpace {
    YCRCB(0),
    HSV(2),
    HLS(1),
    LAB(0),
    LUV(0),
    YUV(0);

    private final int luminance;

    ColorSpace(int luminance) {
        this.luminance = luminance;
    }

    /** Which of the three channels carries the brightness. */
    public int luminanceChannel() {
        return luminance;
    }

    /** From RGB; the result's three channels are this space's, in the order of its name. */
    public RgbImage fromRgb(RgbImage image) {
        return map(image, pixelFromRgb());
    }

    /** Back to RGB. */
    public RgbImage toRgb(RgbImage image) {
        return map(image, pixelToRgb());
    }

    /** Converts one pixel: three values 0…255 in, three out, in place. */
    @FunctionalInterface
    interface PixelConversion {
        void apply(int[] pixel);
    }

    private PixelConversion pixelFromRgb() {
        return switch (this) {
            case YCRCB -> LumaChroma.YCRCB::fromRgb;
            case YUV -> LumaChroma.YUV::fromRgb;
            case HSV -> HueConversion::rgbToHsv;
            case HLS -> HueConversion::rgbToHls;
            case LAB -> CieLab::fromRgb;
            case LUV -> CieLuv::fromRgb;
        };
    }

    private PixelConversion pixelToRgb() {
        return switch (this) {
            case YCRCB -> LumaChroma.YCRCB::toRgb;
            case YUV -> LumaChroma.YUV::toRgb;
            case HSV -> HueConversion::hsvToRgb;
            case HLS -> HueConversion::hlsToRgb;
            case LAB -> CieLab::toRgb;
            case LUV -> CieLuv::toRgb;
        };
    }

    private static RgbImage map(RgbImage image, PixelConversion conversion) {
        byte[] in = image.rgb();
        byte[] out = new byte[in.length];
        int[] pixel = new int[3];
        for (int i = 0; i < in.length; i += 3) {
            pixel[0] = in[i] & 0xFF;
            pixel[1] = in[i + 1] & 0xFF;
            pixel[2] = in[i + 2] & 0xFF;
            conversion.apply(pixel);
            out[i] = (byte) pixel[0];
            out[i + 1] = (byte) pixel[1];
            out[i + 2] = (byte) pixel[2];
        }
        return new RgbImage(image.width(), image.height(), out);
    }

    /** A value limited to 0…255. */
    static int saturate(int value) {
        return Math.max(0, Math.min(255, value));
    }

    /** {@code value / 2^bits}, rounded half up. */
    static int descale(int value, int bits) {
        return (value + (1 << (bits - 1))) >> bits;
    }
}
