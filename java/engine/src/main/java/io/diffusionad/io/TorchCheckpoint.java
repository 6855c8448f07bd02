package io.diffusionad.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What {@code torch.save} wrote, in the zip format (PyTorch 1.6 and later) or the older stream: tensors and parameters of ten element types within
 * dictionaries, lists and tuples, beside numbers and strings. No Python code runs: anything that would need it is refused by its name.
 *
 * @param root {@link LinkedHashMap} for dictionaries, {@link List} for lists and tuples, {@link HostTensor}, {@link Long}, {@link java.math.BigInteger},
 *     {@link Double}, {@link String}, {@link Boolean}, byte[] or null
 */
public record TorchCheckpoint(Path file, Object root) {
    /** A pickle describes tensors and does not contain them: larger ones are not those of a model. */
    static final int MAX_PICKLE_BYTES = 64 << 20;

    /**
     * @throws InvalidFileException for damage, and for contents that are refused
     * @throws IOException when the file cannot be read
     */
    public static TorchCheckpoint read(Path file) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(4);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.read(start, 0);
        }
        if (start.get(0) == 'P' && start.get(1) == 'K') {
            return new TorchCheckpoint(file, TorchZip.read(file));
        }
        if ((start.get(0) & 0xFF) == 0x80 && (start.get(2) & 0xFF) == 0x8a) {
            return new TorchCheckpoint(file, TorchLegacyStream.read(file));
        }
        throw new InvalidFileException(file, "it begins like neither format of torch.save", "give a .pt or .pth file, or our own .safetensors");
    }

    /** The value at that path of dictionary keys. @throws InvalidFileException when there is none */
    public Object get(String... path) throws InvalidFileException {
        Object value = root;
        for (String key : path) {
            if (!(value instanceof Map<?, ?> map) || !map.containsKey(key)) {
                throw new InvalidFileException(file, "it has no entry '" + String.join(".", path) + "'", "give a checkpoint that does");
            }
            value = map.get(key);
        }
        return value;
    }

    /** The dictionary of tensors (a {@code state_dict}) at that path, in its order. @throws InvalidFileException when something else is there */
    public Map<String, HostTensor> tensors(String... path) throws InvalidFileException {
        Object value = get(path);
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                if (entry.getKey() instanceof String name && entry.getValue() instanceof HostTensor tensor) {
                    tensors.put(name, tensor);
                }
            }
            if (tensors.size() == map.size()) {
                return tensors;
            }
        }
        throw new InvalidFileException(file, "'" + String.join(".", path) + "' is no dictionary of tensors", "give a checkpoint where it is");
    }

    /** Every tensor in dictionaries within dictionaries, by its path of keys with dots between, in order; lists are not searched. */
    public Map<String, HostTensor> allTensors() {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        collect(root, "", tensors, Collections.newSetFromMap(new IdentityHashMap<>()));
        return tensors;
    }

    /** @param visited dictionaries seen, for a pickle may hold one that contains itself */
    private static void collect(Object value, String path, Map<String, HostTensor> tensors, Set<Object> visited) {
        if (value instanceof HostTensor tensor) {
            tensors.put(path, tensor);
        } else if (value instanceof Map<?, ?> map && visited.add(map)) {
            map.forEach((key, item) -> collect(item, path.isEmpty() ? String.valueOf(key) : path + "." + key, tensors, visited));
        }
    }
}
