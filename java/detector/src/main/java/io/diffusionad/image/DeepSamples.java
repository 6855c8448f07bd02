package io.diffusionad.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;

/**
 * Samples that are neither 8 nor 16 bits, as TIFF may have them, become 16 bits. Whole numbers of 9 to 15 bits keep
 * their full range: 0xFFF of 12 bits is 65535. Floating-point samples within 0 and 1 become 0 to 65535; other ones, and
 * whole numbers with a sign or of 32 bits, are stretched from the picture's smallest to its largest sample.
 */
final class DeepSamples {
    private static final int WHITE = 65535;

    private DeepSamples() {}

    /** Whether a picture's samples have to be brought to 16 bits. */
    static boolean areIn(Raster raster) {
        int type = raster.getSampleModel().getDataType();
        return type != DataBuffer.TYPE_BYTE && type != DataBuffer.TYPE_USHORT;
    }

    /** @param bits of a sample as stored, 9…15, in the lower bits of 16 */
    static BufferedImage fromBits(BufferedImage image, int bits) {
        int largest = (1 << bits) - 1;
        WritableRaster raster = image.getRaster();
        int[] row = null;
        for (int y = 0; y < raster.getHeight(); y++) {
            row = raster.getPixels(0, y, raster.getWidth(), 1, row);
            for (int i = 0; i < row.length; i++) {
                row[i] = (int) ((2L * WHITE * Math.min(row[i], largest) + largest) / (2 * largest));
            }
            raster.setPixels(0, y, raster.getWidth(), 1, row);
        }
        return image;
    }

    /**
     * Grey or color; further bands, such as opacity, are left out.
     *
     * @param range as {@link #range}
     */
    static BufferedImage toSixteenBits(Raster source, double[] range) {
        int bands = bands(source);
        ColorModel model = new ComponentColorModel(
                ColorSpace.getInstance(bands == 1 ? ColorSpace.CS_GRAY : ColorSpace.CS_sRGB),
                false,
                false,
                ColorModel.OPAQUE,
                DataBuffer.TYPE_USHORT);
        WritableRaster target = model.createCompatibleWritableRaster(source.getWidth(), source.getHeight());
        double[] samples = null;
        int[] row = new int[source.getWidth()];
        for (int y = 0; y < source.getHeight(); y++) {
            for (int band = 0; band < bands; band++) {
                samples = samples(source, y, band, samples);
                for (int x = 0; x < row.length; x++) {
                    double share = (samples[x] - range[0]) / (range[1] - range[0]);
                    row[x] = (int) Math.round(WHITE * Math.max(0, Math.min(1, share))); // NaN becomes 0
                }
                target.setSamples(0, y, row.length, 1, band, row);
            }
        }
        return new BufferedImage(model, target, false, null);
    }

    private static int bands(Raster source) {
        return source.getNumBands() < 3 ? 1 : 3;
    }

    /** What becomes black and what becomes white: 0 and 1, or the smallest and the largest sample. */
    static double[] range(Raster source) {
        int bands = bands(source);
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        double[] samples = null;
        for (int y = 0; y < source.getHeight(); y++) {
            for (int band = 0; band < bands; band++) {
                samples = samples(source, y, band, samples);
                for (double sample : samples) {
                    if (Double.isFinite(sample)) {
                        least = Math.min(least, sample);
                        most = Math.max(most, sample);
                    }
                }
            }
        }
        int type = source.getSampleModel().getDataType();
        boolean floating = type == DataBuffer.TYPE_FLOAT || type == DataBuffer.TYPE_DOUBLE;
        return floating && least >= 0 && most <= 1 || !(most > least)
                ? new double[] {0, 1}
                : new double[] {least, most};
    }

    private static double[] samples(Raster source, int y, int band, double[] into) {
        double[] samples = source.getSamples(source.getMinX(), source.getMinY() + y, source.getWidth(), 1, band, into);
        if (source.getSampleModel().getDataType() == DataBuffer.TYPE_INT) {
            for (int x = 0; x < samples.length; x++) {
                samples[x] = (long) samples[x] & 0xFFFFFFFFL;
            }
        }
        return samples;
    }
}
