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
 * The mark that tells pictures made by this program (heat maps, masks, score maps, sheets) from pictures of parts: a PNG text chunk right after the
 * header. Pixels are the same with and without it. Thread-safe.
 */
public final class ResultMark {
    /** Signature and header chunk, which every PNG file begins with. */
    private static final int AFTER_HEADER = 8 + 25;
    private static final byte[] CHUNK = chunk("tEXt", "Software\0DiffusionAD result");

    private ResultMark() { }

    /** The same picture with the mark. @param png a whole PNG file */
    public static byte[] mark(byte[] png) {
        return ByteBuffer.allocate(png.length + CHUNK.length).put(png, 0, AFTER_HEADER).put(CHUNK)
                .put(png, AFTER_HEADER, png.length - AFTER_HEADER).array();
    }

    /** Whether a file begins as a marked picture does; false for what cannot be read. */
    public static boolean isOn(Path file) {
        try (InputStream stream = Files.newInputStream(file)) {
            byte[] start = stream.readNBytes(AFTER_HEADER + CHUNK.length);
            return start.length == AFTER_HEADER + CHUNK.length && Arrays.equals(start, AFTER_HEADER, start.length, CHUNK, 0, CHUNK.length);
        } catch (IOException e) {
            return false; // whoever reads the picture says what is wrong with it
        }
    }

    private static byte[] chunk(String type, String contents) {
        byte[] data = (type + contents).getBytes(StandardCharsets.ISO_8859_1);
        CRC32 crc = new CRC32();
        crc.update(data);
        return ByteBuffer.allocate(data.length + 2 * Integer.BYTES).putInt(contents.length()).put(data).putInt((int) crc.getValue()).array();
    }
}
