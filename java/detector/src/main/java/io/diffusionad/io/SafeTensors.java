package io.diffusionad.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A safetensors file held whole in Java memory, for small files; {@link SafeTensorsReader} and
 * {@link SafeTensorsWriter} work tensor by tensor. Immutable.
 *
 * @param metadata the file's {@code __metadata__}
 * @param tensors by name, in the file's order
 */
public record SafeTensors(Map<String, String> metadata, Map<String, HostTensor> tensors) {
    public SafeTensors {
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    }

    /** @throws InvalidFileException when the file is not a sound safetensors file */
    public static SafeTensors read(Path file) throws IOException {
        try (SafeTensorsReader reader = SafeTensorsReader.open(file)) {
            Map<String, HostTensor> tensors = new LinkedHashMap<>();
            for (String name : reader.names()) {
                tensors.put(name, reader.tensor(name));
            }
            return new SafeTensors(reader.metadata(), tensors);
        }
    }

    /** Replaces the file whole or not at all; adds a checksum to the metadata. */
    public static void write(Path file, Map<String, String> metadata, Map<String, HostTensor> tensors)
            throws IOException {
        SafeTensorsWriter writer = new SafeTensorsWriter();
        metadata.forEach(writer::metadata);
        tensors.forEach(writer::tensor);
        writer.write(file);
    }

    public boolean has(String name) {
        return tensors.containsKey(name);
    }

    /** @throws IllegalArgumentException when there is none of that name */
    public HostTensor tensor(String name) {
        HostTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("no tensor '" + name + "' among " + tensors.size());
        }
        return tensor;
    }
}
