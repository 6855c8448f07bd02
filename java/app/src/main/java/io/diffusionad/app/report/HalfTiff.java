package io.diffusionad.app.report;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * Score maps as TIFF of one 16-bit floating-point channel, as evaluation servers take them: baseline TIFF 6.0 but for
 * the sample format, little-endian, uncompressed, one strip.
 */
public final class HalfTiff {
    private static final int SHORT = 3;
    private static final int LONG = 4;
    private static final int RATIONAL = 5;
    private static final int ENTRIES = 13;
    private static final int ENTRY_BYTES = 12;
    private static final int IFD_AT = 8;
    private static final int RATIONALS_AT = IFD_AT + 2 + ENTRIES * ENTRY_BYTES + 4;
    private static final int PIXELS_AT = RATIONALS_AT + 16;

    private HalfTiff() {}

    /** An existing file is replaced whole. @param scores (height, width) */
    public static void write(Path file, int width, int height, float[] scores) throws IOException {
        OutputFile.write(file, encode(width, height, scores));
    }

    /** The file's bytes. */
    public static byte[] encode(int width, int height, float[] scores) {
        if (scores.length != (long) width * height || width < 1 || height < 1) {
            throw new IllegalArgumentException(scores.length + " values are no map of " + width + "x" + height);
        }
        ByteBuffer tiff = ByteBuffer.allocate(Math.addExact(PIXELS_AT, Math.multiplyExact(2, scores.length)))
                .order(ByteOrder.LITTLE_ENDIAN);
        tiff.put((byte) 'I').put((byte) 'I').putShort((short) 42).putInt(IFD_AT);
        tiff.putShort((short) ENTRIES);
        entry(tiff, 256, LONG, width);
        entry(tiff, 257, LONG, height);
        entry(tiff, 258, SHORT, 16); // bits a sample
        entry(tiff, 259, SHORT, 1); // uncompressed
        entry(tiff, 262, SHORT, 1); // 0 is black
        entry(tiff, 273, LONG, PIXELS_AT);
        entry(tiff, 277, SHORT, 1); // samples a pixel
        entry(tiff, 278, LONG, height); // rows a strip
        entry(tiff, 279, LONG, 2 * scores.length); // bytes of the strip
        entry(tiff, 282, RATIONAL, RATIONALS_AT);
        entry(tiff, 283, RATIONAL, RATIONALS_AT + 8);
        entry(tiff, 296, SHORT, 1); // the resolution has no unit
        entry(tiff, 339, SHORT, 3); // floating point
        tiff.putInt(0);
        tiff.putInt(1).putInt(1).putInt(1).putInt(1);
        for (float score : scores) {
            tiff.putShort(toFloat16(score));
        }
        return tiff.array();
    }

    private static void entry(ByteBuffer tiff, int tag, int type, int value) {
        tiff.putShort((short) tag).putShort((short) type).putInt(1).putInt(value);
    }

    /**
     * The nearest 16-bit floating-point number (IEEE 754), ties to even; too large ones become infinite, NaN stays NaN.
     */
    public static short toFloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int magnitude = bits & 0x7FFFFFFF;
        if (magnitude > 0x7F800000) {
            return (short) (sign | 0x7E00);
        }
        if (magnitude >= 0x47800000) { // 65536 and more
            return (short) (sign | 0x7C00);
        }
        if (magnitude < 0x38800000) { // below 2^-14, where steps are 2^-24 apart
            return (short) (sign | (int) Math.rint(Math.abs(value) * 0x1p24));
        }
        int rounded = magnitude + 0xFFF + (magnitude >>> 13 & 1);
        return (short) (sign | rounded - 0x38000000 >>> 13);
    }
}
