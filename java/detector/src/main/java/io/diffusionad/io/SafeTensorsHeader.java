package io.diffusionad.io;

import com.fasterxml.jackson.core.JsonProcessingException;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The JSON header of a safetensors file, checked against the number of bytes that follow it: every tensor's type is
 * known, its range has exactly the bytes its shape needs, and the ranges cover the data without a gap or an overlap, as
 * the format demands.
 */
record SafeTensorsHeader(Map<String, String> metadata, Map<String, Entry> entries, long dataBytes) {
    /** A tensor's place; offsets count from the end of the header. */
    record Entry(ElementType type, int[] shape, long begin, long end) {
        /** A tensor has 2 GiB at most. */
        int bytes() {
            return (int) (end - begin);
        }
    }

    private static final String REMEDY = "it is damaged or no safetensors file: write or download it again";

    /** @param dataBytes length of the file behind the header */
    static SafeTensorsHeader parse(Path file, byte[] json, long dataBytes) throws InvalidFileException {
        Map<?, ?> root = parseJson(file, json);
        Map<String, String> metadata = new LinkedHashMap<>();
        Map<String, Entry> entries = new LinkedHashMap<>();
        for (Map.Entry<?, ?> field : root.entrySet()) {
            String name = (String) field.getKey();
            if (name.equals("__metadata__")) {
                readMetadata(file, field.getValue(), metadata);
            } else {
                entries.put(name, readEntry(file, name, field.getValue(), dataBytes));
            }
        }
        return new SafeTensorsHeader(metadata, inFileOrder(file, entries, dataBytes), dataBytes);
    }

    private static Map<?, ?> parseJson(Path file, byte[] json) throws InvalidFileException {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(json))
                    .toString();
            if (Json.parse(text) instanceof Map<?, ?> root) {
                return root;
            }
            throw new InvalidFileException(file, "the header is no JSON object", REMEDY);
        } catch (CharacterCodingException e) {
            throw new InvalidFileException(file, "the header is not UTF-8", REMEDY, e);
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " at character " + e.getLocation().getCharOffset();
            throw new InvalidFileException(
                    file, "the header is not valid JSON" + where + " (" + e.getOriginalMessage() + ")", REMEDY, e);
        }
    }

    private static void readMetadata(Path file, Object value, Map<String, String> metadata)
            throws InvalidFileException {
        if (!(value instanceof Map<?, ?> fields)) {
            throw new InvalidFileException(file, "__metadata__ is no JSON object", REMEDY);
        }
        for (Map.Entry<?, ?> field : fields.entrySet()) {
            if (!(field.getValue() instanceof String text)) {
                throw new InvalidFileException(file, "metadata '" + field.getKey() + "' is no text", REMEDY);
            }
            metadata.put((String) field.getKey(), text);
        }
    }

    private static Entry readEntry(Path file, String name, Object value, long dataBytes) throws InvalidFileException {
        if (!(value instanceof Map<?, ?> fields
                && fields.get("dtype") instanceof String dtype
                && fields.get("shape") instanceof List<?> shape
                && fields.get("data_offsets") instanceof List<?> offsets
                && offsets.size() == 2)) {
            throw new InvalidFileException(
                    file, "tensor '" + name + "' lacks a dtype, a shape or two data_offsets", REMEDY);
        }
        ElementType type = ElementType.named(dtype)
                .orElseThrow(() -> new InvalidFileException(
                        file,
                        "tensor '" + name + "' has the element type '" + dtype + "'",
                        "use one of " + Arrays.toString(ElementType.values())));
        int[] dims = readShape(file, name, shape);
        long begin = whole(offsets.get(0));
        long end = whole(offsets.get(1));
        if (begin < 0 || end < begin || end > dataBytes) {
            throw new InvalidFileException(
                    file,
                    "tensor '" + name + "' claims bytes " + offsets.get(0) + " to " + offsets.get(1) + " of "
                            + dataBytes,
                    REMEDY);
        }
        requireSize(file, name, type, dims, end - begin);
        return new Entry(type, dims, begin, end);
    }

    private static int[] readShape(Path file, String name, List<?> shape) throws InvalidFileException {
        int[] dims = new int[shape.size()];
        for (int i = 0; i < dims.length; i++) {
            long dim = whole(shape.get(i));
            if (dim < 0 || dim > Integer.MAX_VALUE) {
                throw new InvalidFileException(file, "tensor '" + name + "' has the dimension " + shape.get(i), REMEDY);
            }
            dims[i] = (int) dim;
        }
        return dims;
    }

    /** -1 for what is no whole number of 64 bits. */
    private static long whole(Object value) {
        return value instanceof Integer || value instanceof Long ? ((Number) value).longValue() : -1;
    }

    private static void requireSize(Path file, String name, ElementType type, int[] dims, long bytes)
            throws InvalidFileException {
        long elements;
        try {
            elements = HostTensor.elements(dims);
        } catch (IllegalArgumentException e) {
            throw new InvalidFileException(file, "tensor '" + name + "': " + e.getMessage(), REMEDY, e);
        }
        // Compared by division: elements times size may exceed 64 bits.
        if (bytes % type.bytes() != 0 || bytes / type.bytes() != elements) {
            throw new InvalidFileException(
                    file,
                    "tensor '" + name + "' of shape " + Arrays.toString(dims) + " and type " + type + " has " + bytes
                            + " bytes",
                    REMEDY);
        }
        if (bytes > Integer.MAX_VALUE - 8) {
            throw new InvalidFileException(
                    file,
                    "tensor '" + name + "' has " + bytes + " bytes",
                    "one tensor may have 2 GiB at most: split it");
        }
    }

    private static Map<String, Entry> inFileOrder(Path file, Map<String, Entry> entries, long dataBytes)
            throws InvalidFileException {
        List<Map.Entry<String, Entry>> ordered = new ArrayList<>(entries.entrySet());
        ordered.sort(Comparator.comparingLong(
                        (Map.Entry<String, Entry> e) -> e.getValue().begin())
                .thenComparingLong(e -> e.getValue().end()));
        Map<String, Entry> result = new LinkedHashMap<>();
        long position = 0;
        for (Map.Entry<String, Entry> entry : ordered) {
            if (entry.getValue().begin() != position) {
                throw new InvalidFileException(
                        file,
                        "tensor '" + entry.getKey() + "' begins at byte "
                                + entry.getValue().begin() + " where " + position
                                + " was expected (tensors overlap or leave a gap)",
                        REMEDY);
            }
            position = entry.getValue().end();
            result.put(entry.getKey(), entry.getValue());
        }
        if (position != dataBytes) {
            throw new InvalidFileException(file, "the tensors end at byte " + position + " of " + dataBytes, REMEDY);
        }
        return result;
    }
}
