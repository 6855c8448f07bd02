package io.diffusionad.app.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.diffusionad.image.ResultMark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Tells pictures that an earlier run made (heat maps, masks, score maps) from pictures of parts. */
final class OwnResults {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path out;
    /** Names in each folder that its detections.jsonl lists. */
    private final Map<Path, Set<String>> listed = new HashMap<>();

    /** @param out the folder that results go to, or null */
    OwnResults(Path out) {
        this.out = out == null ? null : out.toAbsolutePath().normalize();
    }

    /**
     * By the mark in the file, by the list of the detections beside it, or by its place below the output folder.
     *
     * @param searched the folder that was named
     */
    boolean includes(Path searched, Path file) {
        return isBelowOut(searched, file)
                || ResultMark.isOn(file)
                || listed.computeIfAbsent(file.toAbsolutePath().getParent(), OwnResults::listedIn)
                        .contains(file.getFileName().toString());
    }

    /**
     * An output folder in the middle of pictures holds results; where it is the searched folder itself or one above,
     * pictures lie in it as well.
     */
    private boolean isBelowOut(Path searched, Path file) {
        Path base = searched.toAbsolutePath().normalize();
        return out != null
                && !out.equals(base)
                && out.startsWith(base)
                && file.toAbsolutePath().normalize().startsWith(out);
    }

    private static Set<String> listedIn(Path folder) {
        Path list = folder.resolve(DetectionWriter.FILE);
        Set<String> names = new HashSet<>();
        if (Files.isRegularFile(list)) {
            try (var lines = Files.lines(list, StandardCharsets.UTF_8)) {
                lines.forEach(line -> addWritten(line, names));
            } catch (IOException | RuntimeException e) {
                return names; // not a list of ours from here on
            }
        }
        return names;
    }

    private static void addWritten(String line, Set<String> names) {
        try {
            for (JsonNode written : JSON.readTree(line).path("written")) {
                names.add(Path.of(written.asText()).getFileName().toString());
            }
        } catch (IOException | InvalidPathException e) {
            // the last line of a run that was killed
            return;
        }
    }
}
