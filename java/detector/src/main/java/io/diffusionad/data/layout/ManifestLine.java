package io.diffusionad.data.layout;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.io.Json;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** One line of a manifest as written: names and values, not yet understood. */
final class ManifestLine {
    /** Longer ones are no manifests: a million pictures need a tenth of it. */
    private static final long MAX_BYTES = 1L << 30;

    private static final int MAX_LINE = 1 << 20;

    private final Path manifest;
    private final int number;
    private final Map<String, String> values;

    private ManifestLine(Path manifest, int number, Map<String, String> values) {
        this.manifest = manifest;
        this.number = number;
        this.values = values;
    }

    /** In the file, from 1. */
    int number() {
        return number;
    }

    /** Trimmed; empty when the line does not say. */
    String get(String column) {
        return values.getOrDefault(column, "").trim();
    }

    String require(String column) {
        String value = get(column);
        if (value.isEmpty()) {
            throw mistake("the column '" + column + "' is empty");
        }
        return value;
    }

    InvalidInputException mistake(String what) {
        return mistake(manifest, number, what, null);
    }

    private static InvalidInputException mistake(Path manifest, int number, String what, Exception cause) {
        return new InvalidInputException("line " + number + " of " + manifest + ": " + what, cause);
    }

    static boolean isCsv(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".csv") || name.endsWith(".tsv");
    }

    static boolean isJsonLines(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".jsonl") || name.endsWith(".ndjson");
    }

    static List<ManifestLine> read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new InvalidInputException("the manifest " + file + " is larger than 1 GiB; divide it");
            }
            return isCsv(file) ? readCsv(file) : readJsonLines(file);
        } catch (CharacterCodingException e) {
            throw new InvalidInputException("the manifest " + file + " is not UTF-8 text; save it as UTF-8", e);
        } catch (IOException e) {
            throw new InvalidInputException("the manifest " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static List<ManifestLine> readCsv(Path file) throws IOException {
        char delimiter = delimiter(file);
        CSVFormat format = CSVFormat.RFC4180
                .builder()
                .setDelimiter(delimiter)
                .setIgnoreEmptyLines(true)
                .setTrim(true)
                .get();
        List<ManifestLine> lines = new ArrayList<>();
        List<String> columns = null;
        int at = 1;
        try (Reader reader = open(file);
                CSVParser parser =
                        CSVParser.builder().setReader(reader).setFormat(format).get()) {
            for (CSVRecord cells : parser) {
                at = (int) parser.getCurrentLineNumber();
                if (columns == null) {
                    columns = header(file, at, cells);
                    continue;
                }
                if (cells.size() != columns.size()) {
                    throw mistake(
                            file,
                            at,
                            cells.size() + " cells under " + columns.size() + " columns; put a text with '" + delimiter
                                    + "' into quotation marks",
                            null);
                }
                Map<String, String> values = new HashMap<>();
                for (int i = 0; i < columns.size(); i++) {
                    values.put(columns.get(i), cells.get(i));
                }
                lines.add(new ManifestLine(file, at, values));
            }
            return lines;
        } catch (UncheckedIOException | IllegalStateException e) {
            if (e.getCause() instanceof CharacterCodingException coding) {
                throw coding;
            }
            throw mistake(
                    file,
                    at + 1,
                    "is no CSV ("
                            + (e.getCause() == null
                                    ? e.getMessage()
                                    : e.getCause().getMessage()) + ")",
                    e);
        }
    }

    /** The file as text, without the mark that some editors put before it. */
    private static BufferedReader open(Path file) throws IOException {
        BufferedReader reader = new BufferedReader(Files.newBufferedReader(file, StandardCharsets.UTF_8));
        reader.mark(1);
        if (reader.read() != '\uFEFF') {
            reader.reset();
        }
        return reader;
    }

    /** Spreadsheets of some languages write semicolons. */
    private static char delimiter(Path file) throws IOException {
        try (BufferedReader reader = open(file)) {
            char[] start = new char[4096];
            int length = Math.max(0, reader.read(start));
            String header =
                    new String(start, 0, length).strip().lines().findFirst().orElse("");
            return header.indexOf(',') >= 0
                    ? ','
                    : header.indexOf('\t') >= 0 ? '\t' : header.indexOf(';') >= 0 ? ';' : ',';
        }
    }

    private static List<String> header(Path file, int line, CSVRecord cells) {
        List<String> columns =
                cells.stream().map(name -> name.trim().toLowerCase(Locale.ROOT)).toList();
        columns.forEach(name -> requireKnown(file, line, name));
        for (String name : columns) {
            if (columns.indexOf(name) != columns.lastIndexOf(name)) {
                throw mistake(file, line, "the column '" + name + "' comes twice", null);
            }
        }
        for (String name : List.of(Manifest.FILE, Manifest.SPLIT)) {
            if (!columns.contains(name)) {
                throw mistake(
                        file,
                        line,
                        "there is no column '" + name + "'; the first line names the columns: "
                                + String.join(",", Manifest.COLUMNS),
                        null);
            }
        }
        return columns;
    }

    private static void requireKnown(Path file, int line, String column) {
        if (!Manifest.COLUMNS.contains(column) && !column.startsWith("_")) {
            throw mistake(
                    file,
                    line,
                    "there is no column '" + column + "'; known are " + String.join(", ", Manifest.COLUMNS)
                            + ", and your own may begin with an underscore",
                    null);
        }
    }

    private static List<ManifestLine> readJsonLines(Path file) throws IOException {
        List<ManifestLine> lines = new ArrayList<>();
        try (BufferedReader reader = open(file)) {
            int number = 0;
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                number++;
                if (text.length() > MAX_LINE) {
                    throw mistake(file, number, "is longer than a mebibyte; each line is one picture", null);
                }
                if (!text.isBlank()) {
                    lines.add(new ManifestLine(file, number, object(file, number, text)));
                }
            }
        }
        return lines;
    }

    private static Map<String, String> object(Path file, int line, String text) {
        Object parsed;
        try {
            parsed = Json.parse(text);
        } catch (JsonProcessingException e) {
            throw mistake(file, line, "is no JSON object (" + e.getOriginalMessage() + ")", e);
        }
        if (!(parsed instanceof Map<?, ?> fields)) {
            throw mistake(file, line, "is no JSON object; write {\"file\": …, \"split\": …}", null);
        }
        Map<String, String> values = new HashMap<>();
        fields.forEach((name, value) -> {
            requireKnown(file, line, (String) name);
            values.put((String) name, text(file, line, (String) name, value));
        });
        return values;
    }

    private static String text(Path file, int line, String name, Object value) {
        if (value == null) {
            return "";
        }
        if (value instanceof String string) {
            return string;
        }
        if (name.startsWith("_")) {
            return "";
        }
        if (name.equals(Manifest.MASK)
                && value instanceof List<?> list
                && list.stream().allMatch(String.class::isInstance)) {
            return list.stream().map(String.class::cast).collect(Collectors.joining(";"));
        }
        throw mistake(file, line, "'" + name + "' is no text", null);
    }
}
