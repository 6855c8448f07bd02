package io.diffusionad.image;

/**
 * HSV (hexcone) and HLS (double hexcone) with hue in half degrees, 0…179. RGB to HSV is fixed-point, the others
 * float32; HSV to RGB truncates, HLS rounds.
 */
final class HueConversion {
    private static final int HUES = 180;
    private static final int BITS = 12;
    private static final int[] SATURATION_DIVISOR = new int[256];
    private static final int[] HUE_DIVISOR = new int[256];

    static {
        for (int i = 1; i < 256; i++) {
            SATURATION_DIVISOR[i] = (int) Math.rint((255 << BITS) / (double) i);
            HUE_DIVISOR[i] = (int) Math.rint((HUES << BITS) / (6.0 * i));
        }
    }

    private HueConversion() {}

    static void rgbToHsv(int[] p) {
        int r = p[0];
        int g = p[1];
        int b = p[2];
        int value = Math.max(r, Math.max(g, b));
        int range = value - Math.min(r, Math.min(g, b));
        int sixth = value == r ? g - b : value == g ? b - r + 2 * range : r - g + 4 * range;
        int hue = ColorSpace.descale(sixth * HUE_DIVISOR[range], BITS);
        p[0] = hue < 0 ? hue + HUES : hue;
        p[1] = ColorSpace.descale(range * SATURATION_DIVISOR[value], BITS);
        p[2] = value;
    }

    static void hsvToRgb(int[] p) {
        float value = p[2] * (1f / 255f);
        float saturation = p[1] * (1f / 255f);
        float scale = 6f / HUES;
        int sector = (int) (p[0] * scale);
        float fraction = p[0] * scale - sector;
        float falling = value * (1f - saturation * fraction);
        float rising = value * (1f - saturation * (1f - fraction));
        fan(p, sector % 6, (int) (value * 255f), (int) (value * (1f - saturation) * 255f), (int) (falling * 255f), (int)
                (rising * 255f));
    }

    static void rgbToHls(int[] p) {
        float r = p[0] * (1f / 255f);
        float g = p[1] * (1f / 255f);
        float b = p[2] * (1f / 255f);
        float max = Math.max(r, Math.max(g, b));
        float min = Math.min(r, Math.min(g, b));
        float difference = max - min;
        float lightness = (max + min) * 0.5f;
        float hue = 0f;
        float saturation = 0f;
        if (difference > Math.ulp(1f)) {
            saturation = lightness < 0.5f ? difference / (max + min) : difference / (2f - max - min);
            float degrees = 60f / difference;
            hue = max == r ? (g - b) * degrees : max == g ? (b - r) * degrees + 120f : (r - g) * degrees + 240f;
            hue = hue < 0f ? hue + 360f : hue;
        }
        p[0] = ColorSpace.saturate((int) Math.rint(hue * (HUES / 360f)));
        p[1] = (int) Math.rint(lightness * 255f);
        p[2] = (int) Math.rint(saturation * 255f);
    }

    static void hlsToRgb(int[] p) {
        float lightness = p[1] * (1f / 255f);
        float saturation = p[2] * (1f / 255f);
        if (saturation == 0f) {
            p[0] = p[2] = p[1];
            return;
        }
        float p2 = lightness <= 0.5f ? lightness * (1f + saturation) : lightness + saturation - lightness * saturation;
        float p1 = 2f * lightness - p2;
        float h = p[0] * (6f / HUES);
        int sector = (int) Math.floor(h);
        float fraction = h - sector;
        fan(
                p,
                Math.floorMod(sector, 6),
                rounded(p2),
                rounded(p1),
                rounded(p1 + (p2 - p1) * (1f - fraction)),
                rounded(p1 + (p2 - p1) * fraction));
    }

    private static int rounded(float value) {
        return ColorSpace.saturate((int) Math.rint(value * 255f));
    }

    /** Spreads the highest, the lowest, a falling and a rising value over R, G and B by the sextant of the hue. */
    private static void fan(int[] p, int sector, int high, int low, int falling, int rising) {
        p[0] = switch (sector) {
            case 0, 5 -> high;
            case 1 -> falling;
            case 4 -> rising;
            default -> low;
        };
        p[1] = switch (sector) {
            case 1, 2 -> high;
            case 3 -> falling;
            case 0 -> rising;
            default -> low;
        };
        p[2] = switch (sector) {
            case 3, 4 -> high;
            case 5 -> falling;
            case 2 -> rising;
            default -> low;
        };
    }
}
