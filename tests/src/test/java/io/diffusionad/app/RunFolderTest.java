package io.diffusionad.app;

import io.diffusionad.app.run.RunFolder;
import io.diffusionad.error.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RunFolderTest {
    @TempDir
    Path temporary;

    @Test
    void aDamagedStateIsBegunAgainAsItsMessageSays() throws IOException {
        Path path = temporary.resolve("run");
        try (RunFolder folder = RunFolder.create(path, false)) {
            folder.setState(RunFolder.State.INTERRUPTED, 5);
        }
        Files.writeString(path.resolve("run.json"), "{\"state\": ");
        for (Executable opening :
                List.<Executable>of(() -> RunFolder.create(path, false), () -> RunFolder.resume(path))) {
            String sentence = assertThrows(InvalidInputException.class, opening).getMessage();
            assertTrue(
                    sentence.contains("run.json") && sentence.contains("with --overwrite and without --resume"),
                    sentence);
        }
        RunFolder.create(path, true).close();
    }

    @Test
    void aFinishedRunIsKeptUnlessOverwritingWasAskedFor() throws IOException {
        Path path = temporary.resolve("run");
        try (RunFolder folder = RunFolder.create(path, false)) {
            Files.writeString(folder.last(), "weights");
            Files.createDirectories(folder.sheets());
            Files.writeString(folder.sheets().resolve("a.png"), "sheet");
            Files.writeString(path.resolve("notes.txt"), "the user's own");
            folder.setState(RunFolder.State.FINISHED, 100);
        }
        String sentence = assertThrows(InvalidInputException.class, () -> RunFolder.create(path, false))
                .getMessage();
        assertTrue(sentence.contains("finished") && sentence.contains("--overwrite"), sentence);
        assertEquals("weights", Files.readString(path.resolve("last.safetensors")));
        try (RunFolder folder = RunFolder.create(path, true)) {
            assertFalse(Files.exists(folder.last()));
            assertFalse(Files.exists(folder.sheets().resolve("a.png")));
            assertEquals("the user's own", Files.readString(path.resolve("notes.txt")));
        }
    }

    @Test
    void anUnfinishedRunPointsToResume() throws IOException {
        try (RunFolder folder = RunFolder.create(temporary.resolve("run"), false)) {
            folder.setState(RunFolder.State.INTERRUPTED, 7);
            Files.createFile(folder.resumeFile());
        }
        String sentence = assertThrows(
                        InvalidInputException.class, () -> RunFolder.create(temporary.resolve("run"), false))
                .getMessage();
        assertTrue(sentence.contains("--resume"), sentence);
        try (RunFolder folder = RunFolder.resume(temporary.resolve("run"))) {
            assertEquals(RunFolder.State.INTERRUPTED, folder.state());
        }
    }

    @Test
    void twoRunsCannotShareAFolder() throws IOException {
        try (RunFolder folder = RunFolder.create(temporary.resolve("run"), false)) {
            folder.setState(RunFolder.State.TRAINING, 0);
            Files.createFile(folder.resumeFile());
            String sentence = assertThrows(InvalidInputException.class, () -> RunFolder.resume(folder.path()))
                    .getMessage();
            assertTrue(sentence.contains("in use"), sentence);
        }
    }

    @Test
    void aFolderOfOtherThingsIsLeftAlone() throws IOException {
        Files.writeString(temporary.resolve("thesis.txt"), "years");
        assertThrows(InvalidInputException.class, () -> RunFolder.create(temporary, true));
        assertEquals("years", Files.readString(temporary.resolve("thesis.txt")));
    }

    @Test
    void aFileInPlaceOfTheFolderIsNamed() throws IOException {
        Path file = Files.writeString(temporary.resolve("file"), "x");
        String sentence = assertThrows(InvalidInputException.class, () -> RunFolder.create(file.resolve("run"), false))
                .getMessage();
        assertTrue(sentence.contains(file + " is a file"), sentence);
    }

    @Test
    void resumeNeedsARun() {
        assertThrows(InvalidInputException.class, () -> RunFolder.resume(temporary.resolve("nothing")));
    }
}
