package io.diffusionad.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code torch.save} wrote, in the zip format (PyTorch 1.6 and later) or the older stream: tensors and parameters
 * of ten element types within dictionaries, lists and tuples, beside numbers and strings. No Python code runs: objects
 * that would need it are skipped ({@link #skipped()}).
 *
 * @param root {@link LinkedHashMap} for dictionaries, {@link List} for lists and tuples, {@link HostTensor},
 *     {@link Long}, {@link java.math.BigInteger}, {@link Double}, {@link String}, {@link Boolean}, byte[], a
 *     placeholder for an object that was skipped, or null
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
            return of(file, TorchZip.read(file));
        }
        if ((start.get(0) & 0xFF) == 0x80 && (start.get(2) & 0xFF) == 0x8a) {
            return of(file, TorchLegacyStream.read(file));
        }
        throw new InvalidFileException(
                file,
                "it begins like neither format of torch.save",
                "give a .pt or .pth file, or our own .safetensors");
    }

    private static TorchCheckpoint of(Path file, Object root) throws InvalidFileException {
        if (root instanceof OpaqueObject object) {
            throw new InvalidFileException(
                    file,
                    "it is a Python object of the class '" + object.className() + "', which is not loaded for safety",
                    "save a plain dictionary of tensors instead, such as torch.save(model.state_dict(), path)");
        }
        return new TorchCheckpoint(file, root);
    }

    /** The value at that path of dictionary keys. @throws InvalidFileException when there is none */
    public Object get(String... path) throws InvalidFileException {
        Object value = root;
        for (String key : path) {
            if (!(value instanceof Map<?, ?> map) || !map.containsKey(key)) {
                throw new InvalidFileException(
                        file, "it has no entry '" + String.join(".", path) + "'", "give a checkpoint that does");
            }
            value = map.get(key);
        }
        return value;
    }

    /** Whether there is a value at that path of dictionary keys. */
    public boolean has(String... path) {
        Object value = root;
        for (String key : path) {
            if (!(value instanceof Map<?, ?> map) || !map.containsKey(key)) {
                return false;
            }
            value = map.get(key);
        }
        return true;
    }

    /**
     * The dictionary of tensors (a {@code state_dict}) at that path, in its order; dictionaries inside it are joined by
     * dots, and what is no tensor is left out.
     *
     * @throws InvalidFileException when something else is there
     */
    public Map<String, HostTensor> tensors(String... path) throws InvalidFileException {
        Object value = get(path);
        TorchContents contents = TorchContents.of(file, value);
        if (!(value instanceof Map) || contents.tensors().isEmpty()) {
            throw new InvalidFileException(
                    file,
                    "'" + String.join(".", path) + "' is no dictionary of tensors" + contents.firstSkipped(),
                    "give a checkpoint where it is");
        }
        return contents.tensors();
    }

    /**
     * Every tensor in dictionaries within dictionaries, by its path of keys with dots between, in order; lists are not
     * searched.
     *
     * @throws InvalidFileException when dictionaries are nested as no program nests them
     */
    public Map<String, HostTensor> allTensors() throws InvalidFileException {
        return TorchContents.of(file, root).tensors();
    }

    /**
     * The Python objects that were not rebuilt, such as NumPy scalars, as {@code path (class)}; those inside lists go
     * by the list.
     *
     * @throws InvalidFileException when dictionaries are nested as no program nests them
     */
    public List<String> skipped() throws InvalidFileException {
        return TorchContents.of(file, root).skipped();
    }
}
