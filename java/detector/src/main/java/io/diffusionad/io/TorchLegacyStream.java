package io.diffusionad.io;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The stream that {@code torch.save} wrote before 1.6: pickles of a magic number, a protocol version, system facts, the
 * object and the keys of its storages; then, in the keys' order, every storage as a 64-bit count and its elements. The
 * object's pickle is read twice: once to learn the storages' types, and again when their data are known.
 */
final class TorchLegacyStream {
    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final String DAMAGED = "it is damaged or truncated: copy or save it again";

    private final Path file;
    private final FileChannel channel;

    private TorchLegacyStream(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    static Object read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return new TorchLegacyStream(file, channel).read();
        }
    }

    private Object read() throws IOException {
        ByteBuffer start = readAt(0, (int) Math.min(channel.size(), TorchCheckpoint.MAX_PICKLE_BYTES));
        requirePreamble(start);
        int object = start.position();
        HostTensor placeholder = HostTensor.ofBytes(new int[] {0});
        TorchUnpickler survey = new TorchUnpickler(file, (storage, offset, shape, strides) -> placeholder);
        PickleMachine.load(file, start, survey);
        Object keys = PickleMachine.load(file, start, survey);
        Map<String, ByteBuffer> data = readStorages(start.position(), keys, survey.storages());
        TorchTensors tensors = new TorchTensors(file, channel.size(), reference -> data.get(reference.key()));
        return PickleMachine.load(file, start.position(object), new TorchUnpickler(file, tensors::rebuild));
    }

    private void requirePreamble(ByteBuffer start) throws IOException {
        TorchUnpickler plain = new TorchUnpickler(file, (storage, offset, shape, strides) -> {
            throw new InvalidFileException(file, "a tensor stands where the file's facts belong", DAMAGED);
        });
        if (!MAGIC.equals(PickleMachine.load(file, start, plain))) {
            throw new InvalidFileException(
                    file, "it lacks the magic number of torch.save", "give a file that torch.save wrote");
        }
        Object protocol = PickleMachine.load(file, start, plain);
        if (!Long.valueOf(1001).equals(protocol)) {
            throw new InvalidFileException(
                    file,
                    "its format version is " + (protocol instanceof Number ? protocol : "no number")
                            + " instead of 1001",
                    "save it with a current PyTorch");
        }
        Object system = PickleMachine.load(file, start, plain);
        if (!(system instanceof Map<?, ?> facts) || !Boolean.TRUE.equals(facts.get("little_endian"))) {
            throw new InvalidFileException(file, "it is not little-endian", "save it on a little-endian machine");
        }
    }

    private Map<String, ByteBuffer> readStorages(long position, Object keys, Map<String, TorchStorages.Reference> named)
            throws IOException {
        Map<String, ByteBuffer> data = new HashMap<>();
        Set<Object> missing = new HashSet<>(named.keySet());
        long at = position;
        for (Object key : keys instanceof List<?> list ? list : List.of()) {
            TorchStorages.Reference reference = named.get(key instanceof String text ? text : "");
            if (reference == null || !missing.remove(key)) {
                throw new InvalidFileException(
                        file,
                        "it stores " + (key instanceof String text ? "'" + text + "'" : "something without a name")
                                + ", which no tensor of a known type uses or which came before",
                        DAMAGED);
            }
            long elements = readAt(at, Long.BYTES).getLong();
            if (elements != reference.elements()) {
                throw new InvalidFileException(
                        file,
                        "storage '" + key + "' has " + elements + " elements instead of " + reference.elements(),
                        DAMAGED);
            }
            if (elements > (Integer.MAX_VALUE - 8) / reference.type().bytes()) {
                throw new InvalidFileException(
                        file,
                        "storage '" + key + "' claims " + elements + " elements",
                        "one storage may have 2 GiB at most");
            }
            at += Long.BYTES;
            int bytes = (int) elements * reference.type().bytes();
            data.put(reference.key(), readAt(at, bytes));
            at += bytes;
        }
        if (!missing.isEmpty()) {
            throw new InvalidFileException(file, "it lacks the data of " + missing.size() + " storages", DAMAGED);
        }
        return data;
    }

    private ByteBuffer readAt(long position, int count) throws IOException {
        if (position + count > channel.size()) {
            throw new InvalidFileException(
                    file,
                    "it ends at byte " + channel.size() + " where " + (position + count) + " are needed",
                    DAMAGED);
        }
        ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new InvalidFileException(file, "it ended while being read", DAMAGED);
            }
        }
        return buffer.flip();
    }
}
