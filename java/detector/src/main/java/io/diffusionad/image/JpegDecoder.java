package io.diffusionad.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * Which JPEG decoder this Java has. Pictures in the usual samplings (4:4:4, 4:2:2, 4:2:0) come out equal to the bit
 * everywhere. In other samplings colors are enlarged by one rule in libjpeg-turbo, which OpenCV uses and Debian's Java
 * too, and by another in the decoder that other builds of Java bring along.
 */
public final class JpegDecoder {
    /**
     * Red in column 3 of the first rows of a picture in 4:4:0 whose colors change from row to row, as libjpeg-turbo
     * decodes it.
     */
    private static final int[] SMOOTH = {0, 0, 2, 10, 18, 27};

    private JpegDecoder() {}

    /** Whether JPEG pictures of every sampling become the same pixels as in OpenCV with libjpeg-turbo. */
    public static boolean isLikeOpenCv() {
        try (InputStream picture = JpegDecoder.class.getResourceAsStream("sampling-440.jpg")) {
            RgbImage decoded = Images.decodeRgb(picture.readAllBytes(), "sampling-440.jpg");
            for (int y = 0; y < SMOOTH.length; y++) {
                if (decoded.channel(3, y, 0) != SMOOTH[y]) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One line for people. */
    public static String description() {
        return "JPEG decoder of this Java (" + System.getProperty("java.vendor") + "): "
                + (isLikeOpenCv()
                        ? "pixels as OpenCV's in every sampling"
                        : "pixels as OpenCV's in the samplings 4:4:4, 4:2:2 and 4:2:0; others (4:4:0, mixed) may differ by tens of levels, and arithmetic coding is "
                                + "not read");
    }
}
