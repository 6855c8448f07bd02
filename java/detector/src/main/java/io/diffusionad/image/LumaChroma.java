package io.diffusionad.image;

/** YCrCb and YUV: BT.601 luma and two scaled colour differences around 128, in 14-bit fixed point. */
final class LumaChroma {
    /** Y, Cr, Cb. */
    static final LumaChroma YCRCB = new LumaChroma(true, 11682, 9241, 22987, -11698, -5636, 29049);
    /** Y, U, V: the blue difference comes first. */
    static final LumaChroma YUV = new LumaChroma(false, 14369, 8061, 18678, -9519, -6472, 33292);

    private static final int BITS = 14;

    private final boolean redFirst;
    private final int redScale;
    private final int blueScale;
    private final int redFromRed;
    private final int greenFromRed;
    private final int greenFromBlue;
    private final int blueFromBlue;

    private LumaChroma(
            boolean redFirst,
            int redScale,
            int blueScale,
            int redFromRed,
            int greenFromRed,
            int greenFromBlue,
            int blueFromBlue) {
        this.redFirst = redFirst;
        this.redScale = redScale;
        this.blueScale = blueScale;
        this.redFromRed = redFromRed;
        this.greenFromRed = greenFromRed;
        this.greenFromBlue = greenFromBlue;
        this.blueFromBlue = blueFromBlue;
    }

    /** BT.601 luma 0.299 R + 0.587 G + 0.114 B, rounded. */
    private static int luma(int r, int g, int b) {
        return ColorSpace.descale(r * 4899 + g * 9617 + b * 1868, BITS);
    }

    void fromRgb(int[] p) {
        int y = luma(p[0], p[1], p[2]);
        int red = ColorSpace.saturate(ColorSpace.descale((p[0] - y) * redScale + (128 << BITS), BITS));
        int blue = ColorSpace.saturate(ColorSpace.descale((p[2] - y) * blueScale + (128 << BITS), BITS));
        p[0] = y;
        p[1] = redFirst ? red : blue;
        p[2] = redFirst ? blue : red;
    }

    void toRgb(int[] p) {
        int y = p[0];
        int red = (redFirst ? p[1] : p[2]) - 128;
        int blue = (redFirst ? p[2] : p[1]) - 128;
        p[0] = ColorSpace.saturate(y + ColorSpace.descale(red * redFromRed, BITS));
        p[1] = ColorSpace.saturate(y + ColorSpace.descale(red * greenFromRed + blue * greenFromBlue, BITS));
        p[2] = ColorSpace.saturate(y + ColorSpace.descale(blue * blueFromBlue, BITS));
    }
}
