package io.diffusionad.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * The numbers of the first directory of a TIFF, which is also what EXIF is made of. Nothing that is malformed is an
 * error here: it is not there.
 */
final class TiffDirectory {
    static final int BITS = 258;
    static final int COMPRESSION = 259;
    static final int PHOTOMETRIC = 262;
    static final int STRIP_OFFSETS = 273;
    static final int ORIENTATION = 274;
    static final int SAMPLES = 277;
    static final int STRIP_BYTES = 279;
    static final int TILE_OFFSETS = 324;
    static final int TILE_BYTES = 325;
    private static final int SHORT = 3;
    private static final int LONG = 4;

    private final ByteBuffer tiff;
    private final Map<Integer, Integer> entries = new HashMap<>();
    private boolean complete;

    /** @param tiff from its first byte ('I' or 'M') on */
    TiffDirectory(ByteBuffer tiff) {
        this.tiff = tiff;
        if (tiff.limit() < 8) {
            return;
        }
        tiff.order(tiff.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        long directory = tiff.getInt(4) & 0xFFFFFFFFL;
        if (directory + 2 > tiff.limit()) {
            return;
        }
        int count = tiff.getShort((int) directory) & 0xFFFF;
        for (int i = 0; i < count; i++) {
            long entry = directory + 2 + 12L * i;
            if (entry + 12 > tiff.limit()) {
                return;
            }
            entries.putIfAbsent(tiff.getShort((int) entry) & 0xFFFF, (int) entry);
        }
        complete = true;
    }

    /** Whether the directory lies within the file. */
    boolean isComplete() {
        return complete;
    }

    /** How many numbers an entry has; 0 when it is not there, not of whole numbers, or beyond the end of the file. */
    int count(int tag) {
        Integer entry = entries.get(tag);
        if (entry == null) {
            return 0;
        }
        int size = size(entry);
        long count = tiff.getInt(entry + 4) & 0xFFFFFFFFL;
        return size == 0 || count * size > 4 && (tiff.getInt(entry + 8) & 0xFFFFFFFFL) + count * size > tiff.limit()
                ? 0
                : (int) count;
    }

    private int size(int entry) {
        return switch (tiff.getShort(entry + 2)) {
            case SHORT -> 2;
            case LONG -> 4;
            default -> 0;
        };
    }

    /** A number of an entry. @param index below {@link #count} */
    long value(int tag, int index) {
        int entry = entries.get(tag);
        int size = size(entry);
        int at = (long) count(tag) * size > 4 ? tiff.getInt(entry + 8) : entry + 8;
        return size == 2 ? tiff.getShort(at + 2 * index) & 0xFFFF : tiff.getInt(at + 4 * index) & 0xFFFFFFFFL;
    }

    /** The first number of an entry, or {@code otherwise}. */
    long value(int tag, long otherwise) {
        return count(tag) == 0 ? otherwise : value(tag, 0);
    }
}
