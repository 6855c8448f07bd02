package io.diffusionad.data.layout;

import io.diffusionad.error.InvalidInputException;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The rows of a manifest, checked: every file exists, nothing contradicts, no picture comes twice.
 *
 * @param rows in the manifest's order
 */
record Manifest(List<Row> rows) {
    static final String FILE = "file";
    static final String SPLIT = "split";
    static final String KIND = "kind";
    static final String MASK = "mask";
    static final String CATEGORY = "category";
    /** What a row may say; other names are mistakes unless they begin with an underscore. */
    static final List<String> COLUMNS = List.of(FILE, SPLIT, KIND, MASK, CATEGORY);

    private static final Set<String> GOOD_KINDS = Set.of("", "good", "ok", "normal");

    /** What a picture is for. */
    enum Split {
        TRAIN,
        VALIDATION,
        TEST
    }

    /**
     * One picture.
     *
     * @param kind "good", or the defect's name
     * @param masks united; empty when there is none
     */
    record Row(String category, Path file, Split split, String kind, List<Path> masks) {
        boolean isGood() {
            return kind.equals("good");
        }
    }

    /**
     * @param file of type .csv or .tsv (a header line, then a line a picture), or .jsonl or .ndjson (an object a line)
     */
    static Manifest read(Path file) {
        Path root = file.toAbsolutePath().normalize();
        List<ManifestLine> lines = ManifestLine.read(root);
        Map<Path, Integer> seen = new HashMap<>();
        List<Row> rows = new ArrayList<>();
        for (ManifestLine line : lines) {
            Row row = row(line, root);
            Integer before = seen.putIfAbsent(row.file(), line.number());
            if (before != null) {
                throw line.mistake(
                        "the picture " + row.file() + " is in line " + before + " already; a picture has one place");
            }
            rows.add(row);
        }
        if (rows.isEmpty()) {
            throw new InvalidInputException("the manifest " + file
                    + " names no picture; each further line is one, under the columns " + String.join(", ", COLUMNS));
        }
        return new Manifest(List.copyOf(rows));
    }

    private static Row row(ManifestLine line, Path manifest) {
        Path picture = existing(line, manifest, line.require(FILE), "picture");
        Split split = split(line);
        String kind = kind(line);
        List<Path> masks = Arrays.stream(line.get(MASK).split(";"))
                .map(String::trim)
                .filter(name -> !name.isEmpty())
                .map(name -> existing(line, manifest, name, "mask"))
                .toList();
        if (split != Split.TEST && !kind.equals("good")) {
            throw line.mistake("a picture of kind '" + kind + "' cannot be in split "
                    + split.name().toLowerCase(Locale.ROOT) + ": only good ones train and validate; write test");
        }
        if (kind.equals("good") && !masks.isEmpty()) {
            throw line.mistake("a good picture has a mask: leave the mask empty, or name the defect as its kind");
        }
        String category = line.get(CATEGORY);
        return new Row(
                category.isEmpty() ? io.diffusionad.data.Folders.stem(manifest) : plain(line, CATEGORY, category),
                picture,
                split,
                kind,
                masks);
    }

    private static Split split(ManifestLine line) {
        return switch (line.require(SPLIT).toLowerCase(Locale.ROOT)) {
            case "train" -> Split.TRAIN;
            case "validation", "val" -> Split.VALIDATION;
            case "test" -> Split.TEST;
            default ->
                throw line.mistake("there is no split '" + line.get(SPLIT) + "'; write train, validation or test");
        };
    }

    private static String kind(ManifestLine line) {
        String kind = line.get(KIND);
        return GOOD_KINDS.contains(kind.toLowerCase(Locale.ROOT)) ? "good" : plain(line, KIND, kind);
    }

    /** Kinds and categories become names of files. */
    private static String plain(ManifestLine line, String column, String name) {
        if (!name.matches("[^/\\\\\\p{Cntrl}]{1,100}") || name.startsWith(".")) {
            throw line.mistake("'" + name + "' cannot be a " + column
                    + ": write a name without slashes that does not begin with a dot");
        }
        return name;
    }

    private static Path existing(ManifestLine line, Path manifest, String name, String what) {
        Path path;
        try {
            path = manifest.resolveSibling(name).normalize();
        } catch (InvalidPathException e) {
            throw line.mistake("'" + name + "' is not a path");
        }
        if (!Files.isRegularFile(path)) {
            throw line.mistake("there is no " + what + " " + path + "; paths begin in the manifest's folder");
        }
        return path;
    }
}
