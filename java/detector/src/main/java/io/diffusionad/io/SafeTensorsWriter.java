package io.diffusionad.io;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Writes a safetensors file tensor by tensor, so that only one needs to be in Java memory at a time. The metadata gets
 * a key {@code crc32c}: the checksum of header (with that value blanked to zeros) and data. CRC-32C finds every burst
 * of up to 32 flipped bits and costs a tenth of a second for the full-size model, where a cryptographic hash would take
 * up to two.
 */
public final class SafeTensorsWriter {
    static final String BLANK_CHECKSUM = "00000000";

    /** Supplies a tensor's elements when its turn comes. */
    @FunctionalInterface
    public interface Source {
        HostTensor get() throws IOException;
    }

    private record Planned(String name, ElementType type, int[] shape, Source source) {
        long bytes() {
            return Math.multiplyExact(HostTensor.elements(shape), (long) type.bytes());
        }
    }

    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final Map<String, Planned> tensors = new LinkedHashMap<>();

    public SafeTensorsWriter metadata(String key, String value) {
        metadata.put(key, value);
        return this;
    }

    public SafeTensorsWriter tensor(String name, HostTensor tensor) {
        return tensor(name, tensor.type(), tensor.shape(), () -> tensor);
    }

    /** @param source called once, during {@link #write}; must supply that type and shape */
    public SafeTensorsWriter tensor(String name, ElementType type, int[] shape, Source source) {
        if (tensors.putIfAbsent(name, new Planned(name, type, shape.clone(), source)) != null) {
            throw new IllegalArgumentException("two tensors named '" + name + "'");
        }
        return this;
    }

    /** Replaces the file whole, or leaves it as it was and throws. */
    public void write(Path file) throws IOException {
        AtomicFile.write(file, this::writeTo);
    }

    private void writeTo(FileChannel channel) throws IOException {
        byte[] header = header();
        CRC32C checksum = new CRC32C();
        checksum.update(header);
        ByteBuffer length = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .flip();
        writeFully(channel, length);
        writeFully(channel, ByteBuffer.wrap(header));
        for (Planned planned : inFileOrder()) {
            HostTensor tensor = planned.source().get();
            if (tensor.type() != planned.type() || !tensor.hasShape(planned.shape())) {
                throw new IllegalStateException("tensor '" + planned.name() + "' announced as " + planned.type()
                        + Arrays.toString(planned.shape()) + " is " + tensor);
            }
            checksum.update(tensor.data());
            writeFully(channel, tensor.data());
        }
        channel.position(Long.BYTES);
        writeFully(channel, ByteBuffer.wrap(withChecksum(header, BLANK_CHECKSUM, format(checksum))));
    }

    /** Wide elements first, so that every tensor is aligned to its element size; otherwise in the order given. */
    private List<Planned> inFileOrder() {
        return tensors.values().stream()
                .sorted((a, b) -> Integer.compare(b.type().bytes(), a.type().bytes()))
                .toList();
    }

    private byte[] header() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ObjectNode meta = root.putObject("__metadata__").put(SafeTensorsReader.CHECKSUM_KEY, BLANK_CHECKSUM);
        metadata.forEach((key, value) -> {
            if (!key.equals(SafeTensorsReader.CHECKSUM_KEY)) {
                meta.put(key, value);
            }
        });
        long position = 0;
        for (Planned planned : inFileOrder()) {
            ObjectNode entry =
                    root.putObject(planned.name()).put("dtype", planned.type().name());
            for (int dim : planned.shape()) {
                entry.withArray("shape").add(dim);
            }
            if (planned.shape().length == 0) {
                entry.putArray("shape");
            }
            entry.putArray("data_offsets").add(position).add(position + planned.bytes());
            position += planned.bytes();
        }
        byte[] json = root.toString().getBytes(StandardCharsets.UTF_8);
        byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        return padded;
    }

    /** The header with one checksum value put in another's place, or null when it is not there. */
    static byte[] withChecksum(byte[] header, String present, String replacement) {
        // Latin-1 maps bytes to characters one to one, so that positions agree.
        String pattern = '"' + SafeTensorsReader.CHECKSUM_KEY + "\":\"" + present + '"';
        int at = new String(header, StandardCharsets.ISO_8859_1).indexOf(pattern);
        if (at < 0 || present.length() != replacement.length()) {
            return null;
        }
        byte[] changed = header.clone();
        byte[] value = replacement.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(value, 0, changed, at + pattern.length() - 1 - value.length, value.length);
        return changed;
    }

    static String format(CRC32C checksum) {
        return String.format("%08x", checksum.getValue());
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
