package io.diffusionad.image;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;

/** Which of 256 levels a sample of 8 or 16 bits becomes. */
final class SampleLevels {
    private SampleLevels() {}

    /** @return the level of every value that a sample of the band may have */
    static byte[] table(BufferedImage image, int band, Preparation preparation) {
        int bits = image.getSampleModel().getSampleSize(band);
        boolean wide = image.getSampleModel().getDataType() == DataBuffer.TYPE_USHORT && bits > 8;
        byte[] levels = new byte[wide ? 1 << 16 : 1 << 8];
        int[] range =
                switch (preparation.levels()) {
                    case UPPER, FULL -> null;
                    case MIN_MAX -> range(image.getRaster());
                };
        int used = wide && preparation.levels() == Preparation.Levels.FULL ? Math.min(bits, preparation.bits()) : bits;
        for (int i = 0; i < levels.length; i++) {
            levels[i] = (byte) (range == null ? shifted(i, used) : scaled(i, range));
        }
        return levels;
    }

    /** The upper 8 bits; fewer become the upper ones of 8, as OpenCV reads pictures of 5 or 6 bits a color. */
    private static int shifted(int value, int bits) {
        return Math.min(255, bits > 8 ? value >> bits - 8 : value << 8 - bits);
    }

    private static int scaled(int value, int[] range) {
        float share = (float) (value - range[0]) / Math.max(1, range[1] - range[0]);
        return Math.round(255 * Math.max(0, Math.min(1, share)));
    }

    /** The smallest and the largest sample of any band but alpha. */
    static int[] range(Raster raster) {
        int bands = raster.getNumBands() % 2 == 0 ? raster.getNumBands() - 1 : raster.getNumBands();
        int[] range = {Integer.MAX_VALUE, 0};
        int[] row = new int[raster.getWidth()];
        for (int y = 0; y < raster.getHeight(); y++) {
            for (int band = 0; band < bands; band++) {
                for (int value :
                        raster.getSamples(raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, band, row)) {
                    range[0] = Math.min(range[0], value);
                    range[1] = Math.max(range[1], value);
                }
            }
        }
        return range;
    }
}
