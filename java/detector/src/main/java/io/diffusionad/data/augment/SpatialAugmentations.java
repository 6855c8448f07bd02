package io.diffusionad.data.augment;

import io.diffusionad.image.RgbImage;

/** Augmentations in which pixels meet their neighbours. */
public final class SpatialAugmentations {
    private static final int FRACTION_BITS = 5;
    private static final int FRACTIONS = 1 << FRACTION_BITS;

    private SpatialAugmentations() {}

    /**
     * PIL's sharpness enhancer: the line from the image smoothed by (1 1 1; 1 5 1; 1 1 1)/13 (border pixels kept) at 0
     * to the image at 1 and beyond, truncated, limited to 0…255. Exact.
     *
     * @param factor ≥ 0; below 1 blurs, above 1 sharpens
     */
    public static RgbImage sharpness(RgbImage image, float factor) {
        int width = image.width();
        int height = image.height();
        byte[] in = image.rgb();
        byte[] out = new byte[in.length];
        int stride = 3 * width;
        for (int y = 0, i = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                boolean border = x == 0 || y == 0 || x == width - 1 || y == height - 1;
                for (int c = 0; c < 3; c++, i++) {
                    int value = in[i] & 0xFF;
                    int smooth = border ? value : smooth(in, i, stride);
                    float blended = smooth + factor * (value - smooth);
                    out[i] = (byte) (int) Math.max(0f, Math.min(255f, blended));
                }
            }
        }
        return new RgbImage(width, height, out);
    }

    private static int smooth(byte[] in, int i, int stride) {
        int sum = 4 * (in[i] & 0xFF);
        for (int row = i - stride; row <= i + stride; row += stride) {
            sum += (in[row - 3] & 0xFF) + (in[row] & 0xFF) + (in[row + 3] & 0xFF);
        }
        return (2 * sum + 13) / 26; // rounded sum / 13
    }

    /**
     * Turned about the centre ({@code width/2 - ½}, {@code height/2 - ½}), black outside, as OpenCV's
     * {@code warpAffine}: bilinear at positions rounded to 1/32 pixel. Exact.
     *
     * @param degrees clockwise
     */
    public static RgbImage rotate(RgbImage image, double degrees) {
        int width = image.width();
        int height = image.height();
        byte[] in = image.rgb();
        byte[] out = new byte[in.length];
        new Rotation(width, height, degrees).forEach((target, x, y, fx, fy) -> {
            int nearWeight = (FRACTIONS - fy) * (FRACTIONS - fx);
            int rightWeight = (FRACTIONS - fy) * fx;
            int belowWeight = fy * (FRACTIONS - fx);
            int farWeight = fy * fx;
            for (int c = 0; c < 3; c++) {
                int sum = nearWeight * value(in, width, height, x, y, c)
                        + rightWeight * value(in, width, height, x + 1, y, c)
                        + belowWeight * value(in, width, height, x, y + 1, c)
                        + farWeight * value(in, width, height, x + 1, y + 1, c);
                out[3 * target + c] = (byte) (sum + (1 << 2 * FRACTION_BITS - 1) >> 2 * FRACTION_BITS);
            }
        });
        return new RgbImage(width, height, out);
    }

    /**
     * As {@link #rotate(RgbImage, double)} for a float64 map, zero outside. Where a position falls between two 1/32
     * pixels, either may be taken.
     */
    public static double[] rotate(double[] map, int width, int height, double degrees) {
        double[] out = new double[map.length];
        new Rotation(width, height, degrees).forEach((target, x, y, fx, fy) -> {
            double right = fx / (double) FRACTIONS;
            double below = fy / (double) FRACTIONS;
            out[target] = value(map, width, height, x, y) * ((1 - below) * (1 - right))
                    + value(map, width, height, x + 1, y) * ((1 - below) * right)
                    + value(map, width, height, x, y + 1) * (below * (1 - right))
                    + value(map, width, height, x + 1, y + 1) * (below * right);
        });
        return out;
    }

    private static int value(byte[] rgb, int width, int height, int x, int y, int channel) {
        return x < 0 || y < 0 || x >= width || y >= height ? 0 : rgb[3 * (y * width + x) + channel] & 0xFF;
    }

    private static double value(double[] map, int width, int height, int x, int y) {
        return x < 0 || y < 0 || x >= width || y >= height ? 0 : map[y * width + x];
    }

    /** Where each target pixel comes from, in 1/32 pixel. */
    private static final class Rotation {
        private static final int SCALE = 1 << 10;
        private final int width;
        private final int height;
        private final double cos;
        private final double sin;

        Rotation(int width, int height, double degrees) {
            this.width = width;
            this.height = height;
            this.cos = Math.cos(Math.toRadians(degrees));
            this.sin = Math.sin(Math.toRadians(degrees));
        }

        interface Visitor {
            /** Target pixel index; source pixel (x, y), perhaps outside; fractions in 1/32 towards (x + 1, y + 1). */
            void visit(int target, int x, int y, int fx, int fy);
        }

        void forEach(Visitor visitor) {
            double cx = width / 2.0 - 0.5;
            double cy = height / 2.0 - 0.5;
            double offsetX = cx - cos * cx - sin * cy;
            double offsetY = cy + sin * cx - cos * cy;
            int half = SCALE / FRACTIONS / 2;
            for (int y = 0; y < height; y++) {
                int rowX = (int) Math.rint((sin * y + offsetX) * SCALE) + half;
                int rowY = (int) Math.rint((cos * y + offsetY) * SCALE) + half;
                for (int x = 0; x < width; x++) {
                    int u = rowX + (int) Math.rint(cos * x * SCALE) >> 10 - FRACTION_BITS;
                    int v = rowY + (int) Math.rint(-sin * x * SCALE) >> 10 - FRACTION_BITS;
                    visitor.visit(
                            y * width + x,
                            u >> FRACTION_BITS,
                            v >> FRACTION_BITS,
                            u & FRACTIONS - 1,
                            v & FRACTIONS - 1);
                }
            }
        }
    }
}
