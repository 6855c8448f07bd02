package io.diffusionad.benchmarks.card;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.diffusionad.app.report.OutputFile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The one JSON file that all parts of {@code gpu-bundle/run} share: {@code parts} (what ran and how it ended),
 * {@code ours}, {@code pytorch}. A part replaces its own entries, leaves the others, and saves after every line, so
 * that a run that is cut off keeps what it measured. {@code benchmarks/peers/results.py} reads and writes the same
 * file.
 */
final class CardResults {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final Path file;
    private final ObjectNode root;

    private CardResults(Path file, ObjectNode root) {
        this.file = file;
        this.root = root;
    }

    /** The results in a folder, empty ones where it has none. */
    static CardResults open(Path folder) throws IOException {
        Path file = Files.createDirectories(folder).resolve("results.json");
        return new CardResults(
                file, Files.exists(file) ? (ObjectNode) JSON.readTree(file.toFile()) : JSON.createObjectNode());
    }

    /** An entry by its names, or a missing node. */
    JsonNode at(String section, String name) {
        return root.path(section).path(name);
    }

    JsonNode section(String section) {
        return root.path(section);
    }

    void set(String section, String name, Object value) {
        root.withObject("/" + section).set(name, JSON.valueToTree(value));
        save();
    }

    /** Empties a list, for a part that measures it again. */
    void restart(String section, String list) {
        root.withObject("/" + section).putArray(list);
        save();
    }

    void append(String section, String list, Map<String, Object> line) {
        ((ArrayNode) root.path(section).path(list)).add(JSON.valueToTree(line));
        save();
    }

    private void save() {
        try {
            OutputFile.write(file, JSON.writeValueAsString(root) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
