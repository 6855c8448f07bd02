package io.diffusionad.app.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.diffusionad.app.console.Console;
import io.diffusionad.io.FileProblem;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Results of {@code detect}, a JSON line each on standard output and, with an output folder, in {@value #FILE}. Every
 * line is flushed as soon as it is known: whoever follows the file sees it grow, and a process that is killed keeps the
 * lines so far.
 */
final class DetectionWriter implements AutoCloseable {
    static final String FILE = "detections.jsonl";

    private final Console console;
    private final Path file;
    private final ObjectMapper json = new ObjectMapper();
    private Writer lines;
    private int detected;
    private int failed;

    /**
     * @param out the output folder, or null for standard output alone; an earlier file in it is replaced with the first
     *     line
     */
    DetectionWriter(Console console, Path out) {
        this.console = console;
        this.file = out == null ? null : out.resolve(FILE);
    }

    /** A picture that was looked at. */
    void detected(Map<String, Object> line) throws IOException {
        write(line);
        detected++;
    }

    /** A picture that could not be read; the sentence also goes to standard error. */
    void failed(Path picture, String sentence) throws IOException {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("file", picture.toString());
        line.put("error", sentence);
        write(line);
        failed++;
        console.err().println("error: " + sentence);
        console.err().flush();
    }

    int detectedCount() {
        return detected;
    }

    int failedCount() {
        return failed;
    }

    private void write(Map<String, Object> line) throws IOException {
        String text = json.writeValueAsString(line);
        console.out().println(text);
        console.out().flush();
        if (file == null) {
            return;
        }
        try {
            if (lines == null) {
                lines = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
            }
            lines.write(text + "\n");
            lines.flush();
        } catch (IOException e) {
            throw FileProblem.naming(file, e);
        }
    }

    @Override
    public void close() throws IOException {
        if (lines != null) {
            lines.close();
        }
    }
}
