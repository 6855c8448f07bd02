package io.diffusionad.io;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class TorchCheckpointTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"small-zip.pt", "small-legacy.pt"})
    void bothFormatsAreReadAlike(String name) throws IOException {
        TorchCheckpoint checkpoint =
                TorchCheckpoint.read(Files.write(folder.resolve(name), DamagedFilesTest.resource(name)));
        Map<String, HostTensor> state = checkpoint.tensors("state");
        assertEquals(List.of("weight", "transposed", "tail", "count", "half"), List.copyOf(state.keySet()));
        assertEquals(HostTensor.ofFloats(new int[] {2, 3}, 1, 2, 3, 4, 5, 6), state.get("weight"));
        assertEquals(HostTensor.ofFloats(new int[] {3, 2}, 1, 4, 2, 5, 3, 6), state.get("transposed"));
        assertEquals(HostTensor.ofFloats(new int[] {2}, 5, 6), state.get("tail"));
        assertEquals(HostTensor.ofLongs(new int[0], 1L << 40), state.get("count"));
        assertArrayEquals(new float[] {0.5f, -2, 65504}, state.get("half").toFloats());
        assertEquals(12L, checkpoint.get("epoch"));
        assertEquals(0.25, checkpoint.get("lr"));
        assertEquals("größe", checkpoint.get("name"));
        assertEquals(Arrays.asList(true, null, List.of(1L, 2L, 3L)), checkpoint.get("flags"));
        assertEquals(1000L, checkpoint.get("args", "T"));
        assertThrows(InvalidFileException.class, () -> checkpoint.get("args", "absent"));
        assertThrows(InvalidFileException.class, () -> checkpoint.tensors("args"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "command|cposix\\nsystem\\n(U\\x04exitltR.|posix.system",
                "builtin|c__builtin__\\neval\\n.|__builtin__.eval",
                "nested module|ctorch.nn.modules.linear\\nLinear\\n.|torch.nn.modules.linear.Linear",
                "stack global|\\x8c\\x02os\\x8c\\x06remove\\x93.|os.remove",
                "protocol 0|I1\\n.|instruction 0x49",
                "empty stack|.|without its operand",
                "no mark|t.|without its mark",
                "unknown memo|h\\x05.|never stored",
                "long string|X\\xff\\xff\\xff\\x7fab|remain",
                "negative string|X\\xff\\xff\\xff\\xffab|remain",
                "long integer|\\x8b\\xff\\xff\\xff\\x7fab|remain",
                "no stop|N|ends before",
                "list as key|}]Ns.|Python would refuse",
                "call of a string|U\\x01a)R.|no function",
                "name that is no text|]]\\x93.|no text",
                "malformed storage|(U\\x07storageK\\x01tQ.|malformed storage",
                "bad text|X\\x01\\x00\\x00\\x00\\xc3.|not UTF-8"
            })
    void picklesThatNeedMoreThanDataAreRefused(String name, String pickle, String sentence) throws IOException {
        assertRefused(zip(Map.of("data.pkl", bytes(pickle))), sentence);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "beyond the end|K\\x04K\\x03\\x85K\\x01\\x85|does not fit",
                "offset beyond|K\\x06K\\x01\\x85K\\x01\\x85|does not fit",
                "wide stride|K\\x00K\\x02\\x85K\\x06\\x85|does not fit",
                "negative stride|K\\x00K\\x02\\x85J\\xff\\xff\\xff\\xff\\x85|does not fit",
                "negative offset|J\\xff\\xff\\xff\\xffK\\x02\\x85K\\x01\\x85|does not fit",
                "negative size|K\\x00J\\xff\\xff\\xff\\xff\\x85K\\x01\\x85|of shape",
                "expanded|K\\x00K\\xff\\x85K\\x00\\x85|does not fit",
                "product overflows|K\\x00J\\xff\\xff\\xff\\x7fJ\\xff\\xff\\xff\\x7fJ\\xff\\xff\\xff\\x7f\\x87K\\x00K\\x00K\\x00\\x87|too many elements",
                "ranks differ|K\\x00K\\x02\\x85)|does not fit",
                "huge stride|K\\x00K\\x02\\x85\\x8a\\x08\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x7f\\x85|does not fit"
            })
    void tensorsOutsideTheirStorageAreRefused(String name, String geometry, String sentence) throws IOException {
        String pickle =
                "ctorch._utils\\n_rebuild_tensor_v2\\n((U\\x07storagectorch\\nFloatStorage\\nU\\x010U\\x03cpuK\\x06tQ"
                        + geometry + "\\x89)tR.";
        assertRefused(zip(Map.of("data.pkl", bytes(pickle), "data/0", new byte[24])), sentence);
    }

    @Test
    void compressedEntriesAreRefused() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("bomb/data.pkl"));
            zip.write(new byte[50_000_000]);
        }
        assertRefused(Files.write(folder.resolve("bomb.pt"), out.toByteArray()), "is compressed");
    }

    @Test
    void stridedCopiesMayNotExceedTheFile() throws IOException {
        String view =
                "ctorch._utils\\n_rebuild_tensor_v2\\n((U\\x07storagectorch\\nFloatStorage\\nU\\x010U\\x03cpuM\\x00\\x10tQK\\x00K\\x40K\\x40\\x86K\\x01K\\x40\\x86\\x89)tR";
        String views = "(" + view + view + view + view + "l.";
        assertRefused(
                zip(Map.of("data.pkl", bytes(views), "data/0", new byte[4 * 4096])), "add up to more than the file");
    }

    @Test
    void scriptsAndOtherArchivesAreRefused() throws IOException {
        assertRefused(zip(Map.of("data.pkl", bytes("N."), "constants.pkl", bytes("N."))), "TorchScript");
        assertRefused(zip(Map.of("readme.txt", new byte[3])), "0 data.pkl");
        assertRefused(
                zip(Map.of("data.pkl", bytes("N."), "byteorder", "big".getBytes(StandardCharsets.US_ASCII))),
                "byte order is 'big'");
        assertRefused(
                Files.write(folder.resolve("text.pt"), "hello".getBytes(StandardCharsets.US_ASCII)), "neither format");
        assertRefused(Files.write(folder.resolve("empty.pt"), new byte[0]), "neither format");
    }

    private Path zip(Map<String, byte[]> entries) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> entry : new LinkedHashMap<>(entries).entrySet()) {
                ZipEntry item = new ZipEntry("made/" + entry.getKey());
                CRC32 checksum = new CRC32();
                checksum.update(entry.getValue());
                item.setMethod(ZipEntry.STORED);
                item.setSize(entry.getValue().length);
                item.setCrc(checksum.getValue());
                zip.putNextEntry(item);
                zip.write(entry.getValue());
            }
        }
        return Files.write(folder.resolve("made.pt"), out.toByteArray());
    }

    /** {@code \n} and {@code \xHH} stand for bytes, every other character for itself. */
    static byte[] bytes(String escaped) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < escaped.length(); i++) {
            if (escaped.charAt(i) != '\\') {
                out.write(escaped.charAt(i));
            } else if (escaped.charAt(++i) == 'n') {
                out.write('\n');
            } else {
                out.write(Integer.parseInt(escaped.substring(i + 1, i + 3), 16));
                i += 2;
            }
        }
        return out.toByteArray();
    }

    private static void assertRefused(Path file, String sentence) {
        InvalidFileException e = assertThrows(InvalidFileException.class, () -> TorchCheckpoint.read(file));
        assertTrue(e.getMessage().contains(sentence), e.getMessage());
    }
}
