package io.diffusionad.image;

import io.diffusionad.error.InvalidInputException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;

/**
 * What the bytes around the pixels say: the format by its signature, and whether the file is complete. {@code javax.imageio} fills the missing part of
 * a truncated file with black and reports nothing, and never looks at PNG checksums, so both are checked here before decoding.
 *
 * @param format "png", "jpeg" or "bmp"
 * @param orientation how a JPEG's pixels are to be turned
 */
record ImageContainer(String format, ExifOrientation orientation) {
    private static final long PNG_SIGNATURE = 0x89504E470D0A1A0AL;
    private static final int PNG_END = 0x49454E44; // "IEND"

    /** @throws InvalidInputException naming {@code name} if the file is empty, of another format, truncated, or fails a checksum */
    static ImageContainer check(byte[] encoded, String name) {
        if (encoded.length == 0) {
            throw new InvalidInputException("image " + name + " is empty (0 bytes); copy it again or leave it out");
        }
        ByteBuffer bytes = ByteBuffer.wrap(encoded);
        if (encoded.length >= 8 && bytes.getLong(0) == PNG_SIGNATURE) {
            checkPng(bytes, name);
            return new ImageContainer("png", ExifOrientation.UPRIGHT);
        }
        if (encoded.length >= 3 && bytes.getShort(0) == (short) 0xFFD8 && encoded[2] == (byte) 0xFF) {
            return new ImageContainer("jpeg", checkJpeg(bytes, name));
        }
        if (encoded.length >= 2 && encoded[0] == 'B' && encoded[1] == 'M') {
            checkBmp(bytes.order(ByteOrder.LITTLE_ENDIAN), name);
            return new ImageContainer("bmp", ExifOrientation.UPRIGHT);
        }
        throw new InvalidInputException("image " + name + " is not PNG, JPEG or BMP (by its first bytes, whatever its name says); convert it to PNG");
    }

    private static void checkPng(ByteBuffer bytes, String name) {
        int at = 8;
        CRC32 crc = new CRC32();
        while (at + 12 <= bytes.limit()) {
            long length = bytes.getInt(at) & 0xFFFFFFFFL;
            int type = bytes.getInt(at + 4);
            if (at + 12 + length > bytes.limit()) {
                throw truncated(name);
            }
            crc.reset();
            crc.update(bytes.array(), at + 4, 4 + (int) length);
            if ((int) crc.getValue() != bytes.getInt(at + 8 + (int) length)) {
                throw new InvalidInputException("image " + name + " is damaged (a PNG checksum does not match); copy it again or leave it out");
            }
            if (type == PNG_END) {
                return;
            }
            at += 12 + (int) length;
        }
        throw truncated(name);
    }

    /** Walks the segments to the end-of-image marker; on the way it picks up the orientation. */
    private static ExifOrientation checkJpeg(ByteBuffer bytes, String name) {
        ExifOrientation orientation = ExifOrientation.UPRIGHT;
        int at = 2;
        while (at + 2 <= bytes.limit()) {
            if (bytes.get(at) != (byte) 0xFF) {
                throw new InvalidInputException("image " + name + " is damaged (no JPEG marker at byte " + at + "); copy it again or leave it out");
            }
            int marker = bytes.get(at + 1) & 0xFF;
            if (marker == 0xFF) { // fill byte
                at++;
                continue;
            }
            if (marker == 0xD9) {
                return orientation;
            }
            if (at + 4 > bytes.limit()) {
                break;
            }
            int length = bytes.getShort(at + 2) & 0xFFFF;
            if (marker == 0xE1 && at + 2 + length <= bytes.limit()) {
                orientation = ExifOrientation.parse(bytes, at + 4, at + 2 + length, orientation);
            }
            at += 2 + length;
            if (marker == 0xDA) {
                at = endOfScan(bytes, at);
            }
        }
        throw truncated(name);
    }

    /** The position of the marker that ends the entropy-coded data from {@code at} on (not a stuffed 0xFF nor a restart), or the end of the file. */
    private static int endOfScan(ByteBuffer bytes, int at) {
        for (int i = at; i + 1 < bytes.limit(); i++) {
            int next = bytes.get(i + 1) & 0xFF;
            if (bytes.get(i) == (byte) 0xFF && next != 0 && next != 0xFF && (next < 0xD0 || next > 0xD7)) {
                return i;
            }
        }
        return bytes.limit();
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
        double pixelBytes = (double) ((width * bits + 31) / 32 * 4) * height; // in floating point: a forged header may claim 2^60 bytes
        if (offset >= bytes.limit() || plain && pixelBytes > bytes.limit() - offset) {
            throw truncated(name);
        }
    }

    private static InvalidInputException truncated(String name) {
        return new InvalidInputException("image " + name + " is truncated: its end is missing; copy it again or leave it out");
    }
}
