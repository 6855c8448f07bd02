package io.diffusionad.io;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * An open safetensors file (format: 8-byte little-endian header length, JSON header, raw little-endian data). Opening
 * reads and checks the header; tensors are read when asked for, from the file that was opened even if its name has been
 * given to another since. Memory used is bounded by the file's real length, whatever the header claims. Thread-safe.
 */
public final class SafeTensorsReader implements AutoCloseable {
    /** The format's own limit. */
    static final int MAX_HEADER_BYTES = 100_000_000;
    /** Metadata key of the checksum that {@link SafeTensorsWriter} adds. */
    static final String CHECKSUM_KEY = "crc32c";

    private static final String REMEDY = "it is truncated or no safetensors file: write or download it again";

    private final Path file;
    private final FileChannel channel;
    private final byte[] headerBytes;
    private final SafeTensorsHeader header;

    private SafeTensorsReader(Path file, FileChannel channel, byte[] headerBytes, SafeTensorsHeader header) {
        this.file = file;
        this.channel = channel;
        this.headerBytes = headerBytes;
        this.header = header;
    }

    /**
     * @throws InvalidFileException when the header does not describe the file
     * @throws IOException when the file cannot be read
     */
    public static SafeTensorsReader open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            long size = channel.size();
            if (size < Long.BYTES) {
                throw new InvalidFileException(file, "it has " + size + " bytes, fewer than a header", REMEDY);
            }
            long headerLength = readFully(channel, 0, Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getLong();
            if (headerLength < 2 || headerLength > MAX_HEADER_BYTES || headerLength > size - Long.BYTES) {
                throw new InvalidFileException(
                        file,
                        "it claims a header of " + Long.toUnsignedString(headerLength) + " bytes in a file of " + size,
                        REMEDY);
            }
            byte[] json = readFully(channel, Long.BYTES, (int) headerLength).array();
            SafeTensorsHeader header = SafeTensorsHeader.parse(file, json, size - Long.BYTES - headerLength);
            return new SafeTensorsReader(file, channel, json, header);
        } catch (EOFException e) {
            channel.close();
            throw new InvalidFileException(file, "it ended while being read", REMEDY, e);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    public Path file() {
        return file;
    }

    /** The file's {@code __metadata__}, in its order. */
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(header.metadata());
    }

    /** Tensor names, in the order in which the tensors lie in the file. */
    public Set<String> names() {
        return Collections.unmodifiableSet(header.entries().keySet());
    }

    /** @throws InvalidFileException when there is none of that name */
    public int[] shape(String name) throws InvalidFileException {
        return entry(name).shape().clone();
    }

    /** @throws InvalidFileException when there is none of that name */
    public ElementType type(String name) throws InvalidFileException {
        return entry(name).type();
    }

    /**
     * Reads one tensor. @throws InvalidFileException when there is none of that name, or the file has shrunk since it
     * was opened
     */
    public HostTensor tensor(String name) throws IOException {
        SafeTensorsHeader.Entry entry = entry(name);
        ByteBuffer data = ByteBuffer.allocate(entry.bytes());
        readData(entry.begin(), data);
        return new HostTensor(entry.type(), entry.shape(), data.flip());
    }

    /** Size of a tensor's data. @throws InvalidFileException when there is none of that name */
    public int bytes(String name) throws InvalidFileException {
        return entry(name).bytes();
    }

    /** Fills a buffer from its position to its limit with the data from so many bytes behind the header on. */
    void readData(long position, ByteBuffer destination) throws IOException {
        try {
            readFully(channel, Long.BYTES + headerBytes.length + position, destination);
        } catch (EOFException e) {
            throw new InvalidFileException(file, "it ended while being read", REMEDY, e);
        }
    }

    /** Whether the file carries a checksum: those of this program do. */
    public boolean hasChecksum() {
        return header.metadata().containsKey(CHECKSUM_KEY);
    }

    /**
     * A pass over all tensors in the order of {@link #names()} that checks nothing, for a file without a checksum.
     *
     * @throws IllegalStateException when it has one
     */
    public SafeTensorsSequence inSequenceUnchecked() {
        if (hasChecksum()) {
            throw new IllegalStateException(file + " has a checksum");
        }
        return new SafeTensorsSequence(this, new CRC32C(), header.dataBytes());
    }

    /**
     * A pass over all tensors in the order of {@link #names()}, which checks the file by the way.
     *
     * @throws InvalidFileException when the file carries no checksum
     */
    public SafeTensorsSequence inSequence() throws IOException {
        CRC32C checksum = new CRC32C();
        byte[] blanked =
                SafeTensorsWriter.withChecksum(headerBytes, expectedChecksum(), SafeTensorsWriter.BLANK_CHECKSUM);
        if (blanked == null) {
            throw new InvalidFileException(file, "its checksum is malformed", REMEDY);
        }
        checksum.update(blanked);
        return new SafeTensorsSequence(this, checksum, header.dataBytes());
    }

    /**
     * Compares header and data with the checksum that the writer put into the metadata.
     *
     * @throws InvalidFileException when they differ, or the file carries no checksum
     */
    public void verifyChecksum() throws IOException {
        inSequence().verify();
    }

    void requireChecksum(CRC32C actual) throws InvalidFileException {
        if (!SafeTensorsWriter.format(actual).equals(expectedChecksum())) {
            throw new InvalidFileException(
                    file,
                    "its checksum is " + SafeTensorsWriter.format(actual) + " instead of " + expectedChecksum(),
                    "the file is damaged: take another copy, or an earlier checkpoint");
        }
    }

    private String expectedChecksum() throws InvalidFileException {
        String expected = header.metadata().get(CHECKSUM_KEY);
        if (expected == null) {
            throw new InvalidFileException(
                    file,
                    "it carries no checksum",
                    "another program wrote it, or it is damaged: take another copy, or trust it with \"diffusionad convert --accept-unchecked IN OUT\", which "
                            + "adds one");
        }
        return expected;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private SafeTensorsHeader.Entry entry(String name) throws InvalidFileException {
        SafeTensorsHeader.Entry entry = header.entries().get(name);
        if (entry == null) {
            throw new InvalidFileException(
                    file, "it holds no tensor '" + name + "'", "it was written for something else");
        }
        return entry;
    }

    private static ByteBuffer readFully(FileChannel channel, long position, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count);
        readFully(channel, position, buffer);
        return buffer.flip();
    }

    private static void readFully(FileChannel channel, long position, ByteBuffer destination) throws IOException {
        long next = position;
        while (destination.hasRemaining()) {
            int count = channel.read(destination, next);
            if (count < 0) {
                throw new EOFException();
            }
            next += count;
        }
    }
}
