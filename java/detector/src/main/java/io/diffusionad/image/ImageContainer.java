package io.diffusionad.image;

import io.diffusionad.error.InvalidInputException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What the bytes around the pixels say: the format by its signature, and whether the file is complete.
 * {@code javax.imageio} fills the missing part of a truncated file with black and reports nothing, and never looks at
 * PNG checksums, so both are checked here before decoding.
 *
 * @param orientation how the stored pixels are to be turned
 * @param encoded what to decode: the file, or its equal without bytes that decoders stumble over
 * @param coding what a decoder may not be able to read, for the message; null when there is no such thing
 */
record ImageContainer(ImageFormat format, ExifOrientation orientation, byte[] encoded, String coding) {
    private static final long PNG_SIGNATURE = 0x89504E470D0A1A0AL;
    private static final int RIFF = 0x52494646;
    private static final int WEBP = 0x57454250;

    /**
     * @throws InvalidInputException naming {@code name} if the file is empty, of another format, truncated, or fails a
     *     checksum
     */
    static ImageContainer check(byte[] encoded, String name) {
        if (encoded.length == 0) {
            throw new InvalidInputException(
                    "image " + name + " is empty (0 bytes); copy it again, or leave it out where there are others");
        }
        ByteBuffer bytes = ByteBuffer.wrap(encoded);
        int start = encoded.length >= 4 ? bytes.getInt(0) : 0;
        if (encoded.length >= 8 && bytes.getLong(0) == PNG_SIGNATURE) {
            return new ImageContainer(ImageFormat.PNG, PngContainer.check(bytes, name), encoded, null);
        }
        if (encoded.length >= 3 && start >>> 8 == 0xFFD8FF) {
            return JpegContainer.check(encoded, name);
        }
        if (encoded.length >= 2 && encoded[0] == 'B' && encoded[1] == 'M') {
            checkBmp(bytes.order(ByteOrder.LITTLE_ENDIAN), name);
            return new ImageContainer(ImageFormat.BMP, ExifOrientation.UPRIGHT, encoded, null);
        }
        if (start == 0x49492A00 || start == 0x4D4D002A) {
            return new ImageContainer(ImageFormat.TIFF, TiffContainer.check(bytes, name), encoded, null);
        }
        if (encoded.length >= 12 && start == RIFF && bytes.getInt(8) == WEBP) {
            return new ImageContainer(ImageFormat.WEBP, webp(bytes, name), encoded, null);
        }
        if (encoded.length >= 3
                && encoded[0] == 'P'
                && encoded[1] >= '1'
                && encoded[1] <= '6'
                && (encoded[2] <= ' ' || encoded[2] == '#')) {
            PnmContainer.check(encoded, name);
            return new ImageContainer(ImageFormat.PNM, ExifOrientation.UPRIGHT, encoded, null);
        }
        throw new InvalidInputException("image " + name + " is not " + Images.FORMATS
                + " (by its first bytes, whatever its name says); convert it to PNG");
    }

    private static void checkBmp(ByteBuffer bytes, String name) {
        if (bytes.limit() < 34) {
            throw truncated(name);
        }
        long offset = bytes.getInt(10) & 0xFFFFFFFFL;
        boolean os2 = bytes.getInt(14) == 12;
        long width = os2 ? bytes.getShort(18) & 0xFFFF : bytes.getInt(18);
        long height = Math.abs(os2 ? bytes.getShort(20) & 0xFFFF : (long) bytes.getInt(22));
        int bits = bytes.getShort(os2 ? 24 : 28) & 0xFFFF;
        int compression = os2 ? 0 : bytes.getInt(30);
        boolean plain = compression == 0 || compression == 3;
        double pixelBytes = (double) ((width * bits + 31) / 32 * 4)
                * height; // in floating point: a forged header may claim 2^60 bytes
        if (offset >= bytes.limit() || plain && pixelBytes > bytes.limit() - offset) {
            throw truncated(name);
        }
    }

    /** Walks the chunks of a RIFF file to its end. */
    private static ExifOrientation webp(ByteBuffer bytes, String name) {
        bytes.order(ByteOrder.LITTLE_ENDIAN);
        long end = (bytes.getInt(4) & 0xFFFFFFFFL) + 8;
        if (end > bytes.limit()) {
            throw truncated(name);
        }
        ExifOrientation orientation = ExifOrientation.UPRIGHT;
        long at = 12;
        while (at + 8 <= end) {
            long length = bytes.getInt((int) at + 4) & 0xFFFFFFFFL;
            if (at + 8 + length > end) {
                throw truncated(name);
            }
            if (bytes.getInt((int) at) == 0x46495845) { // "EXIF"
                orientation = ExifOrientation.parse(bytes, (int) at + 8, (int) (at + 8 + length), orientation);
            }
            at += 8 + length + length % 2;
        }
        return orientation;
    }

    static InvalidInputException truncated(String name) {
        return new InvalidInputException("image " + name
                + " is truncated: its end is missing; copy it again, or leave it out where there are others");
    }

    static InvalidInputException damaged(String name, String detail, Exception cause) {
        return new InvalidInputException(
                "image " + name + " is damaged (" + detail + "); copy it again, or leave it out where there are others",
                cause);
    }
}
