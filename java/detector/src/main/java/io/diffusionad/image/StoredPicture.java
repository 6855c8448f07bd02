package io.diffusionad.image;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.nio.file.Path;

/**
 * A picture's samples as the file holds them: not turned, not scaled to 8 bits where grey, with palette indices and
 * alpha. This is how masks are read, whose values are names rather than brightness. Immutable, thread-safe.
 */
public final class StoredPicture {
    private final BufferedImage image;
    private final boolean lossy;
    private final ExifOrientation orientation;
    private final boolean stretched;

    /** @param stretched whether samples were brought to 16 bits from their smallest to their largest */
    StoredPicture(BufferedImage image, boolean lossy, ExifOrientation orientation, boolean stretched) {
        this.image = image;
        this.lossy = lossy;
        this.orientation = orientation;
        this.stretched = stretched;
    }

    /** @throws io.diffusionad.error.InvalidInputException as {@link Images#readRgb} */
    public static StoredPicture read(Path file) {
        return Images.readStored(file);
    }

    BufferedImage image() {
        return image;
    }

    public int width() {
        return image.getWidth();
    }

    public int height() {
        return image.getHeight();
    }

    /** Bits and channels in words, e.g. "8-bit color", "16-bit grey", "8-bit palette", "8-bit color with alpha". */
    public String depth() {
        int bits = hasPalette()
                ? image.getColorModel().getPixelSize()
                : image.getSampleModel().getSampleSize(0);
        return bits + "-bit " + (hasPalette() ? "palette" : isGrey() ? "grey" : "color")
                + (hasAlpha() ? " with alpha" : "");
    }

    /** The picture as {@link Images#readRgb} gives it. */
    public RgbImage toRgb() {
        return Images.fromBufferedImage(orientation.apply(image));
    }

    /** Whether its compression changes pixels, as JPEG's does. */
    public boolean isLossy() {
        return lossy;
    }

    /**
     * Whether its own smallest and largest sample became black and white, because nothing says what its samples mean.
     */
    boolean isStretched() {
        return stretched;
    }

    /** How the stored pixels are to be turned. */
    public ExifOrientation orientation() {
        return orientation;
    }

    public boolean hasPalette() {
        return image.getColorModel() instanceof IndexColorModel;
    }

    public boolean hasAlpha() {
        return image.getColorModel().hasAlpha();
    }

    /** Whether {@link #colors} gives grey levels rather than colors. */
    public boolean isGrey() {
        return !hasPalette() && image.getRaster().getNumBands() < 3;
    }

    /**
     * The pixels of a row: grey levels as stored (0…255, or 0…65535 for 16 bits), else 0xRRGGBB with the upper bytes of
     * 16-bit samples.
     *
     * @param out (W)
     */
    public void colors(int y, int[] out) {
        int width = width();
        if (hasPalette()) {
            image.getRGB(0, y, width, 1, out, 0, width);
            for (int x = 0; x < width; x++) {
                out[x] &= 0xFFFFFF;
            }
            return;
        }
        Raster raster = image.getRaster();
        int bands = raster.getNumBands();
        if (bands < 3) {
            raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, 0, out);
            return;
        }
        int shift = image.getSampleModel().getDataType() == DataBuffer.TYPE_USHORT
                ? Math.max(0, image.getSampleModel().getSampleSize(0) - 8)
                : 0;
        int[] row = raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, (int[]) null);
        for (int x = 0, i = 0; x < width; x++, i += bands) {
            out[x] = row[i] >> shift << 16 | row[i + 1] >> shift << 8 | row[i + 2] >> shift;
        }
    }

    /** The palette indices of a row; only where {@link #hasPalette}. @param out (W) */
    public void indices(int y, int[] out) {
        Raster raster = image.getRaster();
        raster.getSamples(raster.getMinX(), raster.getMinY() + y, width(), 1, 0, out);
    }

    /** The opacity of a row's pixels, 0 for transparent; only where {@link #hasAlpha}. @param out (W) */
    public void alpha(int y, int[] out) {
        if (hasPalette()) {
            image.getRGB(0, y, width(), 1, out, 0, width());
            for (int x = 0; x < width(); x++) {
                out[x] >>>= 24;
            }
            return;
        }
        Raster raster = image.getRaster();
        raster.getSamples(raster.getMinX(), raster.getMinY() + y, width(), 1, raster.getNumBands() - 1, out);
    }
}
