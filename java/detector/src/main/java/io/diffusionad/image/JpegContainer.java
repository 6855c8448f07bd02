package io.diffusionad.image;

import io.diffusionad.error.InvalidInputException;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/**
 * The segments of a JPEG. Bytes between segments that are no marker are skipped, as every camera tool does; what is
 * handed to the decoder is without them. A file whose end-of-image marker is missing is truncated.
 */
final class JpegContainer {
    private final ByteBuffer bytes;
    private final String name;
    private final ByteArrayOutputStream clean = new ByteArrayOutputStream();
    private ExifOrientation orientation = ExifOrientation.UPRIGHT;
    private String coding;
    private boolean irregular;

    private JpegContainer(byte[] encoded, String name) {
        this.bytes = ByteBuffer.wrap(encoded);
        this.name = name;
    }

    /** @throws InvalidInputException if the file is truncated or a segment is shorter than its own length field */
    static ImageContainer check(byte[] encoded, String name) {
        JpegContainer container = new JpegContainer(encoded, name);
        container.walk();
        return new ImageContainer(
                ImageFormat.JPEG,
                container.orientation,
                container.irregular ? container.clean.toByteArray() : encoded,
                container.coding);
    }

    private void walk() {
        keep(0, 2);
        int at = 2;
        while (at + 2 <= bytes.limit()) {
            int marker = bytes.get(at + 1) & 0xFF;
            if (bytes.get(at) != (byte) 0xFF || marker == 0xFF || marker == 0) { // stray or fill byte
                irregular = true;
                at++;
                continue;
            }
            if (marker == 0xD9) {
                keep(at, 2);
                return;
            }
            if (marker >= 0xD0 && marker <= 0xD8
                    || marker == 0x01) { // stands alone; outside of a scan it means nothing
                irregular = true;
                at += 2;
                continue;
            }
            if (at + 4 > bytes.limit()) {
                break;
            }
            int length = bytes.getShort(at + 2) & 0xFFFF;
            if (length < 2) {
                throw ImageContainer.damaged(
                        name, "a JPEG segment at byte " + at + " is shorter than its own length field", null);
            }
            int end = at + 2 + length;
            if (end > bytes.limit()) {
                break;
            }
            look(marker, at + 4, end);
            if (marker == 0xDA) {
                end = endOfScan(end);
            }
            keep(at, end - at);
            at = end;
        }
        throw ImageContainer.truncated(name);
    }

    private void look(int marker, int from, int to) {
        if (marker == 0xE1) {
            orientation = ExifOrientation.parse(bytes, from, to, orientation);
        } else if (marker >= 0xC9 && marker <= 0xCF && marker != 0xCC) {
            coding = "arithmetic coding";
        }
    }

    private void keep(int from, int length) {
        clean.write(bytes.array(), from, length);
    }

    /**
     * The position of the marker that ends the entropy-coded data from {@code at} on (not a stuffed 0xFF nor a
     * restart), or the end of the file.
     */
    private int endOfScan(int at) {
        for (int i = at; i + 1 < bytes.limit(); i++) {
            int next = bytes.get(i + 1) & 0xFF;
            if (bytes.get(i) == (byte) 0xFF && next != 0 && next != 0xFF && (next < 0xD0 || next > 0xD7)) {
                return i;
            }
        }
        return bytes.limit();
    }
}
