package io.diffusionad.metrics;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Score maps and masks in a temporary file: memory holds a few bytes an image. Adding is for one thread, before any
 * reading; reading is for any.
 */
final class SpilledMaps implements ScoreMapSource {
    private static final int PIECE = 1 << 16;

    private final SpillFile file;
    private final List<Entry> entries = new ArrayList<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(PIECE * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);

    private record Entry(int width, int height, long scores, long mask) {
        static final long NO_MASK = -1;
    }

    SpilledMaps(SpillFile file) {
        this.file = file;
    }

    void add(ScoredImage image) {
        float[] scores = image.scoreMap();
        long start = -1;
        for (int from = 0; from < scores.length; from += PIECE) {
            int length = Math.min(PIECE, scores.length - from);
            buffer.clear().limit(length * Float.BYTES);
            buffer.asFloatBuffer().put(scores, from, length);
            long position = file.append(buffer);
            start = start < 0 ? position : start;
        }
        entries.add(new Entry(
                image.width(),
                image.height(),
                start,
                image.mask() == null ? Entry.NO_MASK : file.append(packed(image.mask()))));
    }

    private static ByteBuffer packed(boolean[] mask) {
        byte[] bits = new byte[(mask.length + 7) / 8];
        for (int i = 0; i < mask.length; i++) {
            if (mask[i]) {
                bits[i >> 3] |= (byte) (1 << (i & 7));
            }
        }
        return ByteBuffer.wrap(bits);
    }

    @Override
    public int images() {
        return entries.size();
    }

    @Override
    public int width(int image) {
        return entries.get(image).width;
    }

    @Override
    public int height(int image) {
        return entries.get(image).height;
    }

    @Override
    public void forEachPiece(int image, Piece piece) {
        int pixels = pixels(image);
        float[] scores = new float[Math.min(PIECE, pixels)];
        ByteBuffer bytes = ByteBuffer.allocate(scores.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0; from < pixels; from += PIECE) {
            int length = Math.min(PIECE, pixels - from);
            bytes.clear().limit(length * Float.BYTES);
            file.read(bytes, entries.get(image).scores + (long) from * Float.BYTES);
            bytes.flip().asFloatBuffer().get(scores, 0, length);
            piece.accept(scores, length, from);
        }
    }

    @Override
    public boolean[] mask(int image) {
        if (entries.get(image).mask == Entry.NO_MASK) {
            return null;
        }
        boolean[] mask = new boolean[pixels(image)];
        byte[] bits = new byte[(mask.length + 7) / 8];
        file.read(ByteBuffer.wrap(bits), entries.get(image).mask);
        for (int i = 0; i < mask.length; i++) {
            mask[i] = (bits[i >> 3] >> (i & 7) & 1) != 0;
        }
        return mask;
    }
}
