package io.diffusionad.benchmarks.suite;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.diffusionad.app.report.OutputFile;
import io.diffusionad.error.InvalidInputException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** Results as JSON; names in snake case. */
final class ResultsFile {
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .setSerializationInclusion(JsonInclude.Include.NON_NULL)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private ResultsFile() {}

    static void write(Path file, Results results) throws IOException {
        OutputFile.write(file, JSON.writeValueAsString(results) + "\n");
    }

    /** @throws InvalidInputException when the file holds something else */
    static Results read(Path file) throws IOException {
        try {
            JsonNode tree = JSON.readTree(file.toFile());
            if (!isOurs(tree)) {
                throw new InvalidInputException(file + " holds no results of this program: choose another --out");
            }
            return JSON.treeToValue(tree, Results.class);
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(
                    file + " is damaged (" + e.getOriginalMessage() + "): remove it or choose another --out", e);
        }
    }

    /** All results in a folder, in the order of their names; files of other programs are passed over. */
    static Map<Path, Results> readAll(Path folder) throws IOException {
        Map<Path, Results> all = new LinkedHashMap<>();
        if (!Files.isDirectory(folder)) {
            return all;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".json"))
                    .sorted()
                    .toList()) {
                JsonNode tree = JSON.readTree(file.toFile());
                if (isOurs(tree)) {
                    all.put(file, JSON.treeToValue(tree, Results.class));
                }
            }
        }
        return all;
    }

    private static boolean isOurs(JsonNode tree) {
        return Results.SCHEMA.equals(tree.path("schema").asText());
    }
}
