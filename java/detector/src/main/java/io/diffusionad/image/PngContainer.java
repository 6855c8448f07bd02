package io.diffusionad.image;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/** The chunks of a PNG: complete, with matching checksums. */
final class PngContainer {
    private static final int END = 0x49454E44; // "IEND"
    private static final int EXIF = 0x65584966; // "eXIf"

    private PngContainer() {}

    /**
     * @return how the pixels are to be turned; @throws InvalidInputException if the file is truncated or fails a
     *     checksum
     */
    static ExifOrientation check(ByteBuffer bytes, String name) {
        ExifOrientation orientation = ExifOrientation.UPRIGHT;
        int at = 8;
        CRC32 crc = new CRC32();
        while (at + 12 <= bytes.limit()) {
            long length = bytes.getInt(at) & 0xFFFFFFFFL;
            int type = bytes.getInt(at + 4);
            if (at + 12 + length > bytes.limit()) {
                throw ImageContainer.truncated(name);
            }
            crc.reset();
            crc.update(bytes.array(), at + 4, 4 + (int) length);
            if ((int) crc.getValue() != bytes.getInt(at + 8 + (int) length)) {
                throw ImageContainer.damaged(name, "a PNG checksum does not match", null);
            }
            if (type == EXIF) {
                orientation = ExifOrientation.parse(bytes, at + 8, at + 8 + (int) length, orientation);
            }
            if (type == END) {
                return orientation;
            }
            at += 12 + (int) length;
        }
        throw ImageContainer.truncated(name);
    }
}
