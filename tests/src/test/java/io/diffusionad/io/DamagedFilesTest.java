package io.diffusionad.io;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

/**
 * Truncated and bit-flipped files are read, or refused with an {@link InvalidFileException}: nothing else ever happens.
 */
class DamagedFilesTest {
    private static final long SEED = Long.getLong("diffusionad.test.seed", 20260101);
    private static final int RANDOM_FLIPS = 1000;

    @TempDir
    private Path folder;

    private interface Reading {
        void read(Path file) throws IOException;
    }

    @Test
    void everyTruncationOfSafetensorsIsRefused() throws IOException {
        byte[] whole = Files.readAllBytes(SafeTensorsTest.writeSample(folder.resolve("whole")));
        Path file = folder.resolve("cut");
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThrows(InvalidFileException.class, () -> SafeTensors.read(file), "length " + length);
        }
    }

    @Test
    void everyFlippedBitOfSafetensorsIsFoundByTheChecksum() throws IOException {
        byte[] whole = Files.readAllBytes(SafeTensorsTest.writeSample(folder.resolve("whole")));
        for (int bit = 0; bit < 8 * whole.length; bit++) {
            Path file = Files.write(folder.resolve("flipped"), flipped(whole, bit));
            int which = bit;
            assertThrows(
                    InvalidFileException.class,
                    () -> {
                        try (SafeTensorsReader reader = SafeTensorsReader.open(file)) {
                            reader.verifyChecksum();
                        }
                    },
                    () -> "bit " + which);
        }
    }

    @Test
    void randomDamageOfSafetensorsIsRefusedOrHarmless() throws IOException {
        byte[] whole = Files.readAllBytes(SafeTensorsTest.writeSample(folder.resolve("whole")));
        damage(whole, SafeTensors::read);
    }

    @ParameterizedTest
    @ValueSource(strings = {"small-zip.pt", "small-legacy.pt"})
    void everyTruncationOfTorchFilesIsRefused(String name) throws IOException {
        byte[] whole = resource(name);
        Path file = folder.resolve("cut.pt");
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThrows(InvalidFileException.class, () -> TorchCheckpoint.read(file), "length " + length);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"small-zip.pt", "small-legacy.pt"})
    void randomDamageOfTorchFilesIsRefusedOrHarmless(String name) throws IOException {
        damage(resource(name), TorchCheckpoint::read);
    }

    @Test
    void flippedTensorDataOfTheZipFormatIsFoundByItsChecksum() throws IOException {
        byte[] whole = resource("small-zip.pt");
        HostTensor weight = TorchCheckpoint.read(Files.write(folder.resolve("whole.pt"), whole))
                .tensors("state")
                .get("weight");
        int at = indexOf(whole, weight.toBytes());
        assertTrue(at > 0, "the weight's bytes are in the file");
        Path file = Files.write(folder.resolve("flipped.pt"), flipped(whole, 8 * at + 5));
        InvalidFileException e = assertThrows(InvalidFileException.class, () -> TorchCheckpoint.read(file));
        assertTrue(e.getMessage().contains("checksum"), e.getMessage());
    }

    /** One to four flipped bits, or a stretch overwritten. */
    private void damage(byte[] whole, Reading reading) throws IOException {
        Random random = new Random(SEED);
        int read = 0;
        for (int round = 0; round < RANDOM_FLIPS; round++) {
            byte[] damaged = whole.clone();
            if (random.nextInt(4) == 0) {
                int from = random.nextInt(whole.length);
                for (int i = from; i < Math.min(whole.length, from + 1 + random.nextInt(16)); i++) {
                    damaged[i] = (byte) random.nextInt();
                }
            } else {
                for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                    damaged = flipped(damaged, random.nextInt(8 * whole.length));
                }
            }
            Path file = Files.write(folder.resolve("damaged.pt"), damaged);
            try {
                reading.read(file);
                read++;
            } catch (InvalidFileException e) {
                assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
            } catch (IOException | RuntimeException | Error e) {
                fail("round " + round + ": " + e + "; reproduce with -Ddiffusionad.test.seed=" + SEED, e);
            }
        }
        assertTrue(read < RANDOM_FLIPS, "some damage is noticed");
    }

    private static byte[] flipped(byte[] bytes, int bit) {
        byte[] result = bytes.clone();
        result[bit / 8] ^= (byte) (1 << bit % 8);
        return result;
    }

    private static int indexOf(byte[] whole, byte[] part) {
        for (int at = 0; at + part.length <= whole.length; at++) {
            if (Arrays.equals(whole, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        return -1;
    }

    static byte[] resource(String name) throws IOException {
        try (InputStream in = DamagedFilesTest.class.getResourceAsStream("/torch/" + name)) {
            assertNotNull(in, "/torch/" + name);
            return in.readAllBytes();
        }
    }
}
