package io.diffusionad.fuzz;

import io.diffusionad.error.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Replays the corpus of {@code scripts/fuzz}: what was found once is never found again. */
class CorpusTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void everyInputIsReadOrRefusedInASentence(Reader reader) throws IOException, URISyntaxException {
        URL corpus = getClass().getResource("/fuzz/" + reader.label());
        assertNotNull(corpus, "the corpus of " + reader.label());
        List<Path> inputs;
        try (Stream<Path> files = Files.list(Path.of(corpus.toURI()))) {
            inputs = files.sorted().toList();
        }
        assertFalse(inputs.isEmpty());
        Reader.Scratch scratch = new Reader.Scratch(folder);
        for (Path input : inputs) {
            try {
                Verdict.of(reader, Files.readAllBytes(input), scratch);
            } catch (RuntimeException | Error e) {
                throw new AssertionError(input.getFileName() + " of " + reader.label() + ": " + e, e);
            }
        }
    }

    @Test
    void onlyRefusalsWithASentencePass() {
        Verdict.requireSentence(new InvalidInputException("the picture is damaged"));
        Verdict.requireSentence(new IOException("the file is cut"));
        for (Exception finding : List.of(
                new IllegalStateException("text"),
                new IOException(),
                new InvalidInputException(" "),
                new NullPointerException())) {
            assertTrue(assertThrows(AssertionError.class, () -> Verdict.requireSentence(finding))
                    .getMessage()
                    .contains(finding.getClass().getName()));
        }
    }
}
