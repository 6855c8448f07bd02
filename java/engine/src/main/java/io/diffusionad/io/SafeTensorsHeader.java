package io.diffusionad.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

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
 * The JSON header of a safetensors file, checked against the number of bytes that follow it: every tensor's type is known, its range has
 * exactly the bytes its shape needs, and the ranges cover the data without a gap or an overlap, as the format demands.
 */
record SafeTensorsHeader(Map<String, String> metadata, Map<String, Entry> entries) {
    /** A tensor's place; offsets count from the end of the header. */
    record Entry(ElementType type, int[] shape, long begin, long end) { }

    private static final String REMEDY = "it is damaged or no safetensors file: write or download it again";
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
            .build();

    /** @param dataBytes length of the file behind the header */
    static SafeTensorsHeader parse(Path file, byte[] json, long dataBytes) throws InvalidFileException {
        JsonNode root = parseJson(file, json);
        Map<String, String> metadata = new LinkedHashMap<>();
        Map<String, Entry> entries = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : root.properties()) {
            if (field.getKey().equals("__metadata__")) {
                readMetadata(file, field.getValue(), metadata);
            } else {
                entries.put(field.getKey(), readEntry(file, field.getKey(), field.getValue(), dataBytes));
            }
        }
        requireCover(file, entries, dataBytes);
        return new SafeTensorsHeader(metadata, entries);
    }

    private static JsonNode parseJson(Path file, byte[] json) throws InvalidFileException {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
            JsonNode root = JSON.readTree(text);
            if (root == null || !root.isObject()) {
                throw new InvalidFileException(file, "the header is no JSON object", REMEDY);
            }
            return root;
        } catch (CharacterCodingException e) {
            throw new InvalidFileException(file, "the header is not UTF-8", REMEDY, e);
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null ? "" : " at character " + e.getLocation().getCharOffset();
            throw new InvalidFileException(file, "the header is not valid JSON" + where + " (" + e.getOriginalMessage() + ")", REMEDY, e);
        }
    }

    private static void readMetadata(Path file, JsonNode node, Map<String, String> metadata) throws InvalidFileException {
        if (!node.isObject()) {
            throw new InvalidFileException(file, "__metadata__ is no JSON object", REMEDY);
        }
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            if (!field.getValue().isTextual()) {
                throw new InvalidFileException(file, "metadata '" + field.getKey() + "' is no text", REMEDY);
            }
            metadata.put(field.getKey(), field.getValue().textValue());
        }
    }

    private static Entry readEntry(Path file, String name, JsonNode node, long dataBytes) throws InvalidFileException {
        JsonNode dtype = node.path("dtype");
        JsonNode shape = node.path("shape");
        JsonNode offsets = node.path("data_offsets");
        if (!dtype.isTextual() || !shape.isArray() || !offsets.isArray() || offsets.size() != 2
                || !offsets.get(0).canConvertToLong() || !offsets.get(1).canConvertToLong()) {
            throw new InvalidFileException(file, "tensor '" + name + "' lacks a dtype, a shape or two data_offsets", REMEDY);
        }
        ElementType type = ElementType.named(dtype.textValue()).orElseThrow(() -> new InvalidFileException(file,
                "tensor '" + name + "' has the element type '" + dtype.textValue() + "'", "use one of " + Arrays.toString(ElementType.values())));
        int[] dims = readShape(file, name, shape);
        long begin = offsets.get(0).longValue();
        long end = offsets.get(1).longValue();
        if (!offsets.get(0).isIntegralNumber() || !offsets.get(1).isIntegralNumber() || begin < 0 || end < begin || end > dataBytes) {
            throw new InvalidFileException(file, "tensor '" + name + "' claims bytes " + offsets.get(0) + " to " + offsets.get(1)
                    + " of " + dataBytes, REMEDY);
        }
        requireSize(file, name, type, dims, end - begin);
        return new Entry(type, dims, begin, end);
    }

    private static int[] readShape(Path file, String name, JsonNode shape) throws InvalidFileException {
        int[] dims = new int[shape.size()];
        for (int i = 0; i < dims.length; i++) {
            JsonNode dim = shape.get(i);
            if (!dim.isIntegralNumber() || !dim.canConvertToInt() || dim.intValue() < 0) {
                throw new InvalidFileException(file, "tensor '" + name + "' has the dimension " + dim, REMEDY);
            }
            dims[i] = dim.intValue();
        }
        return dims;
    }

    private static void requireSize(Path file, String name, ElementType type, int[] dims, long bytes) throws InvalidFileException {
        long elements;
        try {
            elements = HostTensor.elements(dims);
        } catch (IllegalArgumentException e) {
            throw new InvalidFileException(file, "tensor '" + name + "': " + e.getMessage(), REMEDY, e);
        }
        // Compared by division: elements times size may exceed 64 bits.
        if (bytes % type.bytes() != 0 || bytes / type.bytes() != elements) {
            throw new InvalidFileException(file, "tensor '" + name + "' of shape " + Arrays.toString(dims) + " and type " + type
                    + " has " + bytes + " bytes", REMEDY);
        }
        if (bytes > Integer.MAX_VALUE - 8) {
            throw new InvalidFileException(file, "tensor '" + name + "' has " + bytes + " bytes", "one tensor may have 2 GiB at most: split it");
        }
    }

    private static void requireCover(Path file, Map<String, Entry> entries, long dataBytes) throws InvalidFileException {
        List<Map.Entry<String, Entry>> ordered = new ArrayList<>(entries.entrySet());
        ordered.sort(Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin()).thenComparingLong(e -> e.getValue().end()));
        long position = 0;
        for (Map.Entry<String, Entry> entry : ordered) {
            if (entry.getValue().begin() != position) {
                throw new InvalidFileException(file, "tensor '" + entry.getKey() + "' begins at byte " + entry.getValue().begin()
                        + " where " + position + " was expected (tensors overlap or leave a gap)", REMEDY);
            }
            position = entry.getValue().end();
        }
        if (position != dataBytes) {
            throw new InvalidFileException(file, "the tensors end at byte " + position + " of " + dataBytes, REMEDY);
        }
    }
}
