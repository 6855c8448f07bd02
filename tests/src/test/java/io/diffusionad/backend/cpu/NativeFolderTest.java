package io.diffusionad.backend.cpu;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Native libraries come from folders that nobody else can have written, undamaged; what killed starts left goes. */
class NativeFolderTest {
    private static final int NOBODY = 65534;

    @TempDir
    private Path parent;

    private NativeResources resources;

    @BeforeEach
    void open() throws IOException {
        resources = new NativeResources();
    }

    private NativeFolder folder(boolean chosen) {
        return new NativeFolder(parent, chosen, resources);
    }

    @Test
    void unpacksOnceAndMendsWhatWasDamaged() throws IOException {
        Path folder = folder(true).unpacked();
        Path library = folder.resolve(NativeResources.BACKEND);
        byte[] right = contents(NativeResources.BACKEND);
        assertArrayEquals(right, Files.readAllBytes(library));
        Object file = Files.getAttribute(library, "unix:ino");
        assertEquals(folder, folder(true).unpacked());
        assertEquals(file, Files.getAttribute(library, "unix:ino"));

        byte[] wrong = right.clone();
        wrong[wrong.length / 2] ^= 1;
        Files.write(library, wrong, StandardOpenOption.TRUNCATE_EXISTING);
        assertEquals(folder, folder(true).unpacked());
        assertArrayEquals(right, Files.readAllBytes(library));
    }

    @Test
    void removesWhatKilledStartsLeft() throws IOException {
        Path folder = folder(true).unpacked();
        Path half = Files.createDirectory(parent.resolve("unpacking-1234"));
        Files.writeString(half.resolve(NativeResources.LIBGOMP), "half");
        Files.createDirectory(parent.resolve("loading-5678"));
        folder(true).unpacked();
        try (var left = Files.list(parent)) {
            assertEquals(List.of(folder), left.filter(Files::isDirectory).toList());
        }
    }

    @Test
    void refusesWhatSomebodyElseOwnsOrMayWrite() throws IOException {
        Path folder = folder(true).unpacked();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertTrue(assertThrows(IOException.class, () -> folder(true).unpacked())
                .getMessage()
                .contains("others may write"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertTrue(assertThrows(IOException.class, () -> folder(true).unpacked())
                .getMessage()
                .contains("others may write in"));
        folder(false).unpacked(); // a folder of the program's own is closed to others
        assertEquals("rwxr-xr-x", PosixFilePermissions.toString(Files.getPosixFilePermissions(parent)));
    }

    @Test
    void refusesTheFolderOfAnotherUser() throws IOException {
        Path folder = folder(true).unpacked();
        Assumptions.assumeTrue((Integer) Files.getAttribute(folder, "unix:uid") == 0, "only root can give a file away");
        Files.setAttribute(folder.resolve(NativeResources.BACKEND), "unix:uid", NOBODY);
        assertTrue(assertThrows(IOException.class, () -> folder(true).unpacked())
                .getMessage()
                .contains("belongs to another user"));
        Files.setAttribute(folder.resolve(NativeResources.BACKEND), "unix:uid", 0);
        folder(true).unpacked();
        Files.setAttribute(parent, "unix:uid", NOBODY);
        assertTrue(assertThrows(IOException.class, () -> folder(true).unpacked())
                .getMessage()
                .contains("belongs to another user"));
    }

    @Test
    void otherNamesAreTheSameFilesAndGoAgain() throws IOException {
        Path folder = folder(true).unpacked();
        List<Path> seen = new ArrayList<>();
        folder(true).withOtherNames(folder, links -> {
            seen.add(links);
            for (String file : NativeResources.FILES) {
                assertTrue(Files.isRegularFile(links.resolve(file)), file);
            }
        });
        assertFalse(Files.exists(seen.get(0)));
        assertTrue(Files.exists(folder.resolve(NativeResources.BACKEND)));
    }

    private byte[] contents(String file) throws IOException {
        try (InputStream in = resources.open(file)) {
            return in.readAllBytes();
        }
    }
}
