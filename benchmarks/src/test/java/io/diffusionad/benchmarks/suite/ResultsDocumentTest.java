package io.diffusionad.benchmarks.suite;

import io.diffusionad.benchmarks.peer.Comparison;
import io.diffusionad.error.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The document's tables, made from results. */
class ResultsDocumentTest {
    private static final Results.Stamp STAMP =
            new Results.Stamp("2026-01-02T03:04:05Z", "abc", "full", "cpu", 2, 0.25, 61.5);
    private static final Results.Model MODEL = new Results.Model(256, 128, 64, 160_000_000);

    @TempDir
    private Path folder;

    static Results sample() {
        Machine machine = new Machine("Toy CPU @ 2GHz", "cpu: Toy", 2, 2, 1024, "Linux", "17");
        return Results.empty(machine)
                .with(new Results.Curve(
                        STAMP,
                        MODEL,
                        "fabric",
                        150,
                        "BFLOAT16",
                        List.of(new Results.Point(
                                "norm-guided", 2, 41.26, 24.1, 25.6, 31.2, 200, 48, 0.98412, 0.9812, 0.03125))))
                .with(new Results.PeerGroup(
                        STAMP,
                        "one-step",
                        MODEL,
                        1,
                        "FLOAT32",
                        5,
                        List.of(
                                new Comparison.Line(
                                        "DiffusionAD", "", "DiffusionAD on cpu", 0, 1e-4, 4000, 3990, 4010, 1),
                                new Comparison.Line(
                                        "LibTorch",
                                        "channels-last",
                                        "LibTorch 2.10.0",
                                        0.125,
                                        1e-4,
                                        5000,
                                        4900,
                                        5100,
                                        1.25))));
    }

    @Test
    void tablesReplaceWhatStandsBetweenTheMarkersAndNothingElse() throws IOException {
        Path document = folder.resolve("results.md");
        Files.writeString(
                document, "# Title\n" + ResultsDocument.BEGIN + "\nold figures\n" + ResultsDocument.END + "\nrest\n");
        ResultsDocument.update(document, List.of(sample()));
        String once = Files.readString(document);
        assertTrue(
                once.startsWith("# Title\n" + ResultsDocument.BEGIN + "\n")
                        && once.endsWith(ResultsDocument.END + "\nrest\n")
                        && !once.contains("old figures"),
                once);
        assertTrue(
                once.contains("| norm-guided | 2 | 41.3 | 24.1 | 25.6 | 31.2 | 200 | 0.984 | 0.981 | 0.0313 |"), once);
        assertTrue(
                once.contains(
                        "| one-step, 256x256, base 128, batch 1 | float32 | LibTorch 2.10.0, channels-last | 5000 | 1.25 | 12.5 % of 1e-04 |"),
                once);
        assertTrue(once.contains("commit abc, 2 threads"), once);
        ResultsDocument.update(document, List.of(sample()));
        assertEquals(once, Files.readString(document));
    }

    @Test
    void aDocumentWithoutMarkersOrResultsIsLeftAlone() throws IOException {
        Path document = folder.resolve("results.md");
        Files.writeString(document, "# Title\n" + ResultsDocument.END + ResultsDocument.BEGIN);
        String message = assertThrows(
                        InvalidInputException.class, () -> ResultsDocument.update(document, List.of(sample())))
                .getMessage();
        assertTrue(message.contains(ResultsDocument.BEGIN), message);
        assertThrows(InvalidInputException.class, () -> ResultsDocument.update(document, List.of()));
        assertEquals("# Title\n" + ResultsDocument.END + ResultsDocument.BEGIN, Files.readString(document));
    }

    @Test
    void resultsSurviveTheirFileAndForeignFilesArePassedOver() throws IOException {
        Path file = folder.resolve("toy-2026-01-02.json");
        ResultsFile.write(file, sample());
        assertEquals(sample(), ResultsFile.read(file));
        Path foreign = folder.resolve("card.json");
        Files.writeString(foreign, "{\"device\": \"another program's\"}");
        assertEquals(List.of(sample()), List.copyOf(ResultsFile.readAll(folder).values()));
        assertTrue(assertThrows(InvalidInputException.class, () -> ResultsFile.read(foreign))
                .getMessage()
                .contains("--out"));
        assertEquals("toy", sample().machine().slug().substring(0, 3));
    }

    @Test
    void sectionsMeasuredAgainReplaceTheirFormerSelves() {
        Results before = sample();
        Results.Scaling scaling =
                new Results.Scaling(STAMP, List.of(new Results.ScalingRow("size", 64, 32, 1, 2, "FLOAT32", 10)));
        Results after = before.updatedBy(Results.empty(before.machine()).with(scaling));
        assertEquals(before.curve(), after.curve());
        assertEquals(scaling, after.scaling());
        Results.PeerGroup ours = before.peers().groups().get(0);
        Results.PeerGroup again =
                new Results.PeerGroup(STAMP, ours.task(), MODEL, 1, ours.precision(), 9, ours.lines());
        Results.PeerGroup other = new Results.PeerGroup(STAMP, ours.task(), MODEL, 1, "BFLOAT16", 9, ours.lines());
        assertEquals(
                List.of(again, other), before.with(other).with(again).peers().groups());
    }
}
