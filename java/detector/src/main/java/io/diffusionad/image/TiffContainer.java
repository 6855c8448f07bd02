package io.diffusionad.image;

import io.diffusionad.error.InvalidInputException;

import java.nio.ByteBuffer;

/**
 * The first picture of a TIFF: all of its strips or tiles are there, and its colors are of a kind that can be shown on
 * a screen.
 */
final class TiffContainer {
    private static final int LAST_PLAIN_PHOTOMETRIC = 3; // white is zero, black is zero, RGB, palette
    private static final int MOST_SAMPLES = 8;
    private static final int MOST_BITS = 64;
    private static final int YCBCR = 6;

    private TiffContainer() {}

    /**
     * @return how the pixels are to be turned; @throws InvalidInputException if the file is truncated, or its colors
     *     are those of print
     */
    static ExifOrientation check(ByteBuffer bytes, String name) {
        TiffDirectory directory = new TiffDirectory(bytes);
        if (!directory.isComplete()
                || !holds(directory, TiffDirectory.STRIP_OFFSETS, TiffDirectory.STRIP_BYTES, bytes.limit())
                || !holds(directory, TiffDirectory.TILE_OFFSETS, TiffDirectory.TILE_BYTES, bytes.limit())) {
            throw ImageContainer.truncated(name);
        }
        long samples = directory.value(TiffDirectory.SAMPLES, 1L);
        long bits = directory.value(TiffDirectory.BITS, 1L);
        if (samples < 1 || samples > MOST_SAMPLES || bits < 1 || bits > MOST_BITS) {
            throw ImageContainer.damaged(name, samples + " samples of " + bits + " bits a pixel", null);
        }
        long photometric = directory.value(TiffDirectory.PHOTOMETRIC, 1L);
        if (photometric > LAST_PLAIN_PHOTOMETRIC && photometric != YCBCR) {
            throw new InvalidInputException(
                    "image " + name + " is a TIFF whose colors are neither grey nor RGB (photometric interpretation "
                            + photometric + "); convert it to RGB");
        }
        long code = directory.value(TiffDirectory.ORIENTATION, 1L);
        return code >= 1 && code <= 8 ? new ExifOrientation((int) code) : ExifOrientation.UPRIGHT;
    }

    private static boolean holds(TiffDirectory directory, int offsets, int lengths, long limit) {
        int parts = Math.min(directory.count(offsets), directory.count(lengths));
        for (int i = 0; i < parts; i++) {
            if (directory.value(offsets, i) + directory.value(lengths, i) > limit) {
                return false;
            }
        }
        return true;
    }
}
