package io.diffusionad.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * One pass over the data of a safetensors file from its first byte to its last, which computes the checksum of what it
 * reads: a file is read and checked in one go. One use, one thread; ends with its reader.
 */
public final class SafeTensorsSequence {
    private static final int CHUNK = 1 << 18;

    private final SafeTensorsReader reader;
    private final CRC32C checksum;
    private final long bytes;
    private long position;
    private ByteBuffer chunk; // one for all calls: memory outside the heap is freed late

    /** @param checksum of what lies before the data; without meaning where the file has none to compare with */
    SafeTensorsSequence(SafeTensorsReader reader, CRC32C checksum, long bytes) {
        this.reader = reader;
        this.checksum = checksum;
        this.bytes = bytes;
    }

    /**
     * Reads the bytes that come next.
     *
     * @param destination filled from its position to its limit, and flipped
     * @throws InvalidFileException when the file has shrunk since it was opened
     */
    public void read(ByteBuffer destination) throws IOException {
        reader.readData(position, destination);
        position += destination.flip().remaining();
        checksum.update(destination.duplicate());
    }

    /**
     * Passes over the bytes that come next. @throws InvalidFileException when the file has shrunk since it was opened
     */
    public void skip(long count) throws IOException {
        if (chunk == null) {
            chunk = ByteBuffer.allocateDirect(CHUNK);
        }
        for (long left = count; left > 0; left -= chunk.limit()) {
            read(chunk.clear().limit((int) Math.min(CHUNK, left)));
        }
    }

    /**
     * Passes over what is left and compares the checksum with the one that the writer put into the metadata, so that
     * any flipped bit is found. In a pass that checks nothing, it finds only a file that has shrunk.
     *
     * @throws InvalidFileException when they differ
     */
    public void verify() throws IOException {
        skip(bytes - position);
        if (reader.hasChecksum()) {
            reader.requireChecksum(checksum);
        }
    }
}
