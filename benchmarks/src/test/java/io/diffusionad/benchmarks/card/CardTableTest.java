package io.diffusionad.benchmarks.card;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** The table is written from whatever the parts left in the file, by whichever program. */
class CardTableTest {
    @TempDir
    private Path folder;

    @Test
    void operationsStandBesidePeersAndCeilings() throws IOException {
        CardResults results = CardResults.open(folder);
        results.set("ours", "ceilings", Map.of("tflops_BFLOAT16", 100.0, "copy_gigabytes_per_second", 1000.0));
        results.set("ours", "operations", List.of(operation("product", 10), operation("copy", 5)));
        results.set("pytorch", "operations", List.of(operation("product", 25)));
        String table = table();
        assertTrue(table.matches("(?s).*product bfloat16 +10\\.0 +25\\.0 +2\\.50x +50\\.0 +50% +250 +25%.*"), table);
        assertTrue(table.matches("(?s).*copy bfloat16 +5\\.0 +50\\.0 +50% +250 +25%.*"), table);
    }

    @Test
    void whatFailedSaysWhyAmongTheRest() throws IOException {
        CardResults results = CardResults.open(folder);
        results.set("parts", "networks", Map.of("status", "killed", "seconds", 620, "summary", "measuring"));
        results.restart("ours", "one_step");
        results.append(
                "ours",
                "one_step",
                Map.of(
                        "precision",
                        "BFLOAT16",
                        "batch",
                        8,
                        "milliseconds",
                        20.0,
                        "images_per_second",
                        400.0,
                        "memory_mib",
                        900));
        results.append("ours", "one_step", Map.of("precision", "BFLOAT16", "batch", 32, "failed", "no room"));
        results.set(
                "pytorch",
                "one_step",
                List.of(Map.of("mode", "eager", "precision", "BFLOAT16", "batch", 8, "failed", "another result")));
        String table = table();
        assertTrue(table.matches("(?s).*networks +killed +620 s  measuring.*"), table);
        assertTrue(table.matches("(?s).*ours bfloat16 +8 +20\\.00 +400\\.0 +900\\R.*"), table);
        assertTrue(table.matches("(?s).*ours bfloat16 +32  no room\\R.*"), table);
        assertTrue(table.matches("(?s).*PyTorch eager bfloat16 +8  another result\\R.*"), table);
    }

    @Test
    void trainingStepsSayWhetherTheyKeepActivations() throws IOException {
        CardResults results = CardResults.open(folder);
        results.restart("ours", "training_step");
        results.append(
                "ours",
                "training_step",
                Map.of(
                        "mode",
                        "fast",
                        "precision",
                        "BFLOAT16",
                        "batch",
                        16,
                        "milliseconds",
                        80.0,
                        "images_per_second",
                        200.0,
                        "memory_mib",
                        9000));
        assertTrue(table().matches("(?s).*ours, fast bfloat16 +16 +80\\.00 +200\\.0 +9000\\R.*"), table());
    }

    private static Map<String, Object> operation(String name, double microseconds) {
        return Map.of(
                "operation",
                name,
                "precision",
                "BFLOAT16",
                "microseconds",
                microseconds,
                "tflops",
                50.0,
                "gigabytes_per_second",
                250.0);
    }

    private String table() throws IOException {
        return new CardTable(CardResults.open(folder)).text();
    }
}
