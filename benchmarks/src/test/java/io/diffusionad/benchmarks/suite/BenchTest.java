package io.diffusionad.benchmarks.suite;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.diffusionad.app.console.Console;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import javax.imageio.ImageIO;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** {@code ./diffusionad bench} in its smallest profile. */
class BenchTest {
    @TempDir
    private Path folder;

    @Test
    void measuresDrawsAndKeepsOtherPartsOfItsFile() throws IOException {
        Path results = folder.resolve("not yet there");
        Path file = results.resolve("results.json");
        Outcome first = run("--profile", "tiny", "--threads", "1", "--parts", "curve", "--out", file.toString());
        assertEquals(0, first.exitCode, first.text);
        assertTrue(first.text.contains("norm-guided") && first.text.contains(file.toString()), first.text);
        assertEquals(1000, ImageIO.read(results.resolve("results.png").toFile()).getWidth());
        assertTrue(Files.readString(results.resolve("results.html")).contains("data:image/png;base64,"));
        JsonNode json = new ObjectMapper().readTree(file.toFile());
        assertEquals(Results.SCHEMA, json.get("schema").asText());
        for (String field : List.of("processor", "device", "cores", "threads", "memory_mib", "os", "java")) {
            assertTrue(json.get("machine").hasNonNull(field), field);
        }
        for (String field : List.of("date", "commit", "profile", "device", "threads", "load_before", "seconds")) {
            assertTrue(json.at("/curve/stamp").hasNonNull(field), field);
        }
        assertEquals(BenchProfile.TINY.methods(), json.at("/curve/points").findValuesAsText("method"));
        for (JsonNode point : json.at("/curve/points")) {
            assertTrue(
                    point.get("images_per_second").asDouble() > 0
                            && point.get("p50_ms").asDouble()
                                    <= point.get("p99_ms").asDouble(),
                    point.toString());
            assertTrue(
                    point.get("image_auroc").asDouble() >= 0
                            && point.get("pixel_auroc").asDouble() <= 1,
                    point.toString());
        }
        assertFalse(json.has("scaling"));

        Outcome second = run("--profile", "tiny", "--threads", "1", "--parts", "scaling", "--out", file.toString());
        assertEquals(0, second.exitCode, second.text);
        JsonNode updated = new ObjectMapper().readTree(file.toFile());
        assertEquals(json.get("curve"), updated.get("curve"));
        assertTrue(updated.at("/scaling/rows").size() >= 4, updated.toString());
    }

    @Test
    void processesShareTheMachine() throws IOException {
        Path file = folder.resolve("shared.json");
        Outcome outcome = run(
                "--profile",
                "tiny",
                "--threads",
                "1",
                "--precision",
                "float32",
                "--parts",
                "shared",
                "--out",
                file.toString());
        assertEquals(0, outcome.exitCode, outcome.text);
        assertTrue(outcome.text.contains("two processes"), outcome.text);
        JsonNode rows = new ObjectMapper().readTree(file.toFile()).at("/shared/rows");
        assertEquals(
                2 * SharedPart.Situation.values().length, rows.size(), "training and detection in every situation");
        for (JsonNode row : rows) {
            assertTrue(
                    row.get("images_per_second").asDouble() > 0
                            && row.get("of_fair_share").asDouble() > 0,
                    row.toString());
            assertTrue(
                    !row.get("situation").asText().equals("ALONE")
                            || row.get("of_fair_share").asDouble() == 1,
                    row.toString());
        }
    }

    @Test
    void impossibleWishesAreRefusedInOneSentence() throws IOException {
        assertRefused("--checkpoint", "--checkpoint", "somewhere");
        assertRefused("'huge'", "--profile", "huge");
        Path foreign = folder.resolve("notes.json");
        Files.writeString(foreign, "{}");
        assertRefused("notes.json", "--profile", "tiny", "--out", foreign.toString());
        assertEquals("{}", Files.readString(foreign));
    }

    private void assertRefused(String word, String... arguments) {
        Outcome outcome = run(arguments);
        assertEquals(2, outcome.exitCode, outcome.text);
        assertTrue(
                outcome.text.contains("error: ") && outcome.text.contains(word) && !outcome.text.contains("\tat "),
                outcome.text);
    }

    private record Outcome(int exitCode, String text) {}

    private static Outcome run(String... arguments) {
        StringWriter text = new StringWriter();
        PrintWriter writer = new PrintWriter(text, true);
        int exitCode = Bench.run(new Console(writer, writer, false), arguments);
        return new Outcome(exitCode, text.toString());
    }
}
