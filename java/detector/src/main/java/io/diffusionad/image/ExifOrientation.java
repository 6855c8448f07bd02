package io.diffusionad.image;

import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.nio.ByteBuffer;

/**
 * The orientation a camera writes into a picture (EXIF tag 0x0112): how the stored rows and columns map to the upright
 * picture.
 *
 * @param code 1…8 as in the EXIF standard; 1 is upright
 */
public record ExifOrientation(int code) {
    public static final ExifOrientation UPRIGHT = new ExifOrientation(1);
    private static final long EXIF = 0x457869660000L; // "Exif\0\0"

    /**
     * The orientation in the EXIF data of a file, [from, to), or {@code otherwise} if it holds none or is malformed:
     * EXIF damage never hides a picture.
     */
    static ExifOrientation parse(ByteBuffer file, int from, int to, ExifOrientation otherwise) {
        boolean marked =
                to - from >= 8 && file.duplicate().getLong(from) >>> 16 == EXIF; // WebP and PNG leave the mark out
        int start = marked ? from + 6 : from;
        if (to - start < 8
                || file.get(start) != file.get(start + 1)
                || file.get(start) != 'I' && file.get(start) != 'M') {
            return otherwise;
        }
        long code = new TiffDirectory(file.slice(start, to - start)).value(TiffDirectory.ORIENTATION, 0L);
        return code >= 1 && code <= 8 ? new ExifOrientation((int) code) : otherwise;
    }

    /** Whether rows become columns: the upright picture is as wide as the stored one is high. */
    public boolean isTransposed() {
        return code >= 5;
    }

    /** Where the pixel (x, y) of an upright picture of the given size is stored: its number in the stored rows. */
    public int storedIndex(int x, int y, int width, int height) {
        boolean mirrorX = code == 2 || code == 3 || code == 6 || code == 7;
        boolean mirrorY = code == 3 || code == 4 || code == 7 || code == 8;
        int u = mirrorX ? width - 1 - x : x;
        int v = mirrorY ? height - 1 - y : y;
        return isTransposed() ? u * height + v : v * width + u;
    }

    /** The upright picture; the argument itself when it is upright already. */
    BufferedImage apply(BufferedImage image) {
        if (code == 1) {
            return image;
        }
        int width = isTransposed() ? image.getHeight() : image.getWidth();
        int height = isTransposed() ? image.getWidth() : image.getHeight();
        WritableRaster source = image.getRaster();
        WritableRaster turned = source.createCompatibleWritableRaster(width, height);
        Object pixel = null;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int at = storedIndex(x, y, width, height);
                pixel = source.getDataElements(at % image.getWidth(), at / image.getWidth(), pixel);
                turned.setDataElements(x, y, pixel);
            }
        }
        return new BufferedImage(image.getColorModel(), turned, image.isAlphaPremultiplied(), null);
    }
}
