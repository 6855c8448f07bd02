package io.diffusionad.io;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class AtomicFileTest {
    private static final int ELEMENTS = 1 << 18;
    private static final int KILLS = 6;

    @TempDir
    private Path folder;

    /** Rewrites one file for ever, each time with another number in every element. */
    static final class Writer {
        private Writer() {}

        public static void main(String[] arguments) throws IOException {
            for (int round = 1; ; round++) {
                float[] values = new float[ELEMENTS];
                Arrays.fill(values, round);
                SafeTensors.write(
                        Path.of(arguments[0]),
                        Map.of("round", Integer.toString(round)),
                        Map.of("x", HostTensor.ofFloats(new int[] {ELEMENTS}, values)));
            }
        }
    }

    @Test
    void aProcessKilledAtAnyMomentLeavesAWholeFile() throws IOException, InterruptedException {
        Path file = folder.resolve("last.safetensors");
        Random random = new Random(11);
        for (int kill = 0; kill < KILLS; kill++) {
            Files.deleteIfExists(file);
            Process process = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Writer.class.getName(),
                            file.toString()))
                    .inheritIO()
                    .start();
            try {
                while (Files.notExists(file)) {
                    assertTrue(process.isAlive(), "the writer runs");
                    Thread.sleep(5);
                }
                Thread.sleep(random.nextInt(40));
            } finally {
                process.destroyForcibly();
                assertTrue(process.waitFor(30, TimeUnit.SECONDS), "the writer is dead");
            }
            try (SafeTensorsReader reader = SafeTensorsReader.open(file)) {
                reader.verifyChecksum();
                String round = reader.metadata().get("round");
                assertEquals(Float.parseFloat(round), reader.tensor("x").toFloats()[ELEMENTS - 1]);
            }
        }
        SafeTensors.write(file, Map.of(), Map.of());
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList(), "leftovers of the dead are gone");
        }
    }

    /** Channels do not say which file ran out of space. */
    @Test
    void aFullDiskNamesTheFileAndLeavesNothing() throws IOException {
        Path file = Files.writeString(folder.resolve("x.bin"), "old");
        IOException failure = assertThrows(
                IOException.class,
                () -> AtomicFile.write(file, channel -> {
                    channel.write(ByteBuffer.allocate(10));
                    throw new IOException("No space left on device");
                }));
        assertTrue(failure.getMessage().contains(file.toString()), failure.getMessage());
        assertTrue(FileProblem.isFullDisk(failure));
        assertEquals("old", Files.readString(file));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void quickWritesReplaceWholeFilesAndLeftovers() throws IOException {
        Path file = Files.writeString(folder.resolve("x.png"), "old");
        Files.writeString(folder.resolve(".x.png.partial"), "what a killed process left, longer than the new contents");
        AtomicFile.writeQuickly(file, new byte[] {1, 2, 3});
        assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(file));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
        Path nowhere = folder.resolve("none/x.png");
        assertTrue(assertThrows(IOException.class, () -> AtomicFile.writeQuickly(nowhere, new byte[1]))
                .getMessage()
                .contains("none"));
    }
}
