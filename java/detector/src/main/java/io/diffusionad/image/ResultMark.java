package io.diffusionad.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * The mark that tells pictures made by this program (heat maps, masks, score maps, sheets) from pictures of parts: a
 * PNG text chunk right after the header, or a JPEG comment right at the beginning. Pixels are the same with and without
 * it. Thread-safe.
 */
public final class ResultMark {
    /** Signature and header chunk, which every PNG file begins with. */
    private static final int AFTER_HEADER = 8 + 25;

    private static final String TEXT = "DiffusionAD result";
    private static final byte[] CHUNK = chunk("tEXt", "Software\0" + TEXT);
    private static final byte[] JPEG_START = jpegStart();
    private static final int JPEG_SIGNATURE_BYTES = 2;

    private ResultMark() {}

    /** The same picture with the mark. @param encoded a whole PNG or JPEG file */
    public static byte[] mark(byte[] encoded) {
        return encoded[0] == JPEG_START[0] ? markJpeg(encoded) : markPng(encoded);
    }

    private static byte[] markJpeg(byte[] jpeg) {
        return ByteBuffer.allocate(jpeg.length + JPEG_START.length - JPEG_SIGNATURE_BYTES)
                .put(JPEG_START)
                .put(jpeg, JPEG_SIGNATURE_BYTES, jpeg.length - JPEG_SIGNATURE_BYTES)
                .array();
    }

    private static byte[] markPng(byte[] png) {
        return ByteBuffer.allocate(png.length + CHUNK.length)
                .put(png, 0, AFTER_HEADER)
                .put(CHUNK)
                .put(png, AFTER_HEADER, png.length - AFTER_HEADER)
                .array();
    }

    /** Whether a file begins as a marked picture does; false for what cannot be read. */
    public static boolean isOn(Path file) {
        try (InputStream stream = Files.newInputStream(file)) {
            byte[] start = stream.readNBytes(AFTER_HEADER + CHUNK.length);
            boolean jpeg = start.length > JPEG_START.length
                    && Arrays.equals(start, 0, JPEG_START.length, JPEG_START, 0, JPEG_START.length);
            return jpeg
                    || start.length == AFTER_HEADER + CHUNK.length
                            && Arrays.equals(start, AFTER_HEADER, start.length, CHUNK, 0, CHUNK.length);
        } catch (IOException e) {
            return false; // whoever reads the picture says what is wrong with it
        }
    }

    /** The signature, and a comment segment behind it. */
    private static byte[] jpegStart() {
        byte[] text = TEXT.getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocate(3 * Short.BYTES + text.length)
                .putShort((short) 0xFFD8)
                .putShort((short) 0xFFFE)
                .putShort((short) (Short.BYTES + text.length))
                .put(text)
                .array();
    }

    private static byte[] chunk(String type, String contents) {
        byte[] data = (type + contents).getBytes(StandardCharsets.ISO_8859_1);
        CRC32 crc = new CRC32();
        crc.update(data);
        return ByteBuffer.allocate(data.length + 2 * Integer.BYTES)
                .putInt(contents.length())
                .put(data)
                .putInt((int) crc.getValue())
                .array();
    }
}
