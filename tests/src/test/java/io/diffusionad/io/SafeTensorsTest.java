package io.diffusionad.io;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class SafeTensorsTest {
    @TempDir
    private Path folder;

    static Map<String, HostTensor> sample() {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        tensors.put("bytes", HostTensor.ofBytes(new int[] {3}, (byte) 1, (byte) -1, (byte) 7));
        tensors.put("floats", HostTensor.ofFloats(new int[] {2, 2}, 1.5f, -0f, Float.NaN, Float.MAX_VALUE));
        tensors.put("scalar", HostTensor.ofLongs(new int[0], Long.MIN_VALUE));
        tensors.put("empty", HostTensor.ofDoubles(new int[] {0, 5}));
        tensors.put("größe \"π\"", HostTensor.ofDoubles(new int[] {1}, Math.PI));
        return tensors;
    }

    static Path writeSample(Path file) throws IOException {
        SafeTensors.write(file, Map.of("note", "zwei\nZeilen", "empty", ""), sample());
        return file;
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        Path file = writeSample(folder.resolve("a.safetensors"));
        SafeTensors read = SafeTensors.read(file);
        assertEquals(sample(), read.tensors());
        assertEquals("zwei\nZeilen", read.metadata().get("note"));
        assertEquals("", read.metadata().get("empty"));
        try (SafeTensorsReader reader = SafeTensorsReader.open(file)) {
            reader.verifyChecksum();
            assertArrayEquals(new int[] {2, 2}, reader.shape("floats"));
            assertThrows(InvalidFileException.class, () -> reader.tensor("absent"));
        }
    }

    @Test
    void everyTensorIsAlignedToItsElements() throws IOException {
        byte[] bytes = Files.readAllBytes(writeSample(folder.resolve("a.safetensors")));
        long header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        assertEquals(0, (Long.BYTES + header) % Long.BYTES);
        String json = new String(bytes, Long.BYTES, (int) header, StandardCharsets.UTF_8);
        assertTrue(json.indexOf("\"bytes\"") > json.indexOf("\"floats\""), "wide elements come first: " + json);
    }

    @Test
    void halfPrecisionConvertsExactly() {
        ByteBuffer halves = ByteBuffer.allocate(14).order(ByteOrder.LITTLE_ENDIAN);
        for (int bits : new int[] {0x0000, 0x0001, 0x03ff, 0x3c00, 0xc000, 0x7bff, 0xfc00}) {
            halves.putShort((short) bits);
        }
        assertArrayEquals(
                new float[] {0, 0x1p-24f, 1023 * 0x1p-24f, 1, -2, 65504, Float.NEGATIVE_INFINITY},
                new HostTensor(ElementType.F16, new int[] {7}, halves.flip()).toFloats());
        ByteBuffer brain = ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) 0x3fc0)
                .putShort((short) 0xff80)
                .flip();
        assertArrayEquals(
                new float[] {1.5f, Float.NEGATIVE_INFINITY},
                new HostTensor(ElementType.BF16, new int[] {2}, brain).toFloats());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "not JSON|{\"a\":|is not valid JSON",
                "no object|[1, 2]|is no JSON object",
                "text behind|{} x|is not valid JSON",
                "two of a name|{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}|Duplicate",
                "unknown type|{\"a\":{\"dtype\":\"Q3\",\"shape\":[4],\"data_offsets\":[0,4]}}|element type 'Q3'",
                "beyond the file|{\"a\":{\"dtype\":\"U8\",\"shape\":[5],\"data_offsets\":[0,5]}}|claims bytes 0 to 5 of 4",
                "2^60 bytes|{\"a\":{\"dtype\":\"U8\",\"shape\":[1073741824,1073741824],\"data_offsets\":[0,1152921504606846976]}}|claims bytes",
                "beyond 64 bits|{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,18446744073709551620]}}|claims bytes 0 to 18446744073709551620",
                "product overflows|{\"a\":{\"dtype\":\"F64\",\"shape\":[2147483647,2147483647,2147483647],\"data_offsets\":[0,4]}}|too many elements",
                "product wraps to fit|{\"a\":{\"dtype\":\"F32\",\"shape\":[1073741824,1073741824,4],\"data_offsets\":[0,0]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}|has 0 bytes",
                "negative|{\"a\":{\"dtype\":\"U8\",\"shape\":[-4],\"data_offsets\":[0,4]}}|dimension -4",
                "fractional|{\"a\":{\"dtype\":\"U8\",\"shape\":[4.5],\"data_offsets\":[0,4]}}|dimension 4.5",
                "negative offset|{\"a\":{\"dtype\":\"U8\",\"shape\":[5],\"data_offsets\":[-1,4]}}|claims bytes -1",
                "shape does not fit|{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}|has 4 bytes",
                "overlap|{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}|overlap",
                "gap|{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}|gap",
                "data without a tensor|{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}|end at byte 2 of 4",
                "metadata no object|{\"__metadata__\":3}|__metadata__ is no JSON object",
                "metadata no text|{\"__metadata__\":{\"a\":3}}|is no text"
            })
    void malformedHeadersAreRefused(String name, String json, String sentence) throws IOException {
        assertRefused(withHeader(json.getBytes(StandardCharsets.UTF_8)), sentence);
    }

    @Test
    void headersThatAreNotUtf8AreRefused() throws IOException {
        assertRefused(withHeader(new byte[] {'{', '"', (byte) 0xC3, '"', '}'}), "is not UTF-8");
    }

    @ParameterizedTest
    @CsvSource({"1152921504606846976", "-1", "9223372036854775807", "100000001", "21", "1", "0"})
    void headerLengthsBeyondTheFileAreRefused(long claimed) throws IOException {
        byte[] bytes = ByteBuffer.allocate(28)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(claimed)
                .array();
        assertRefused(Files.write(folder.resolve("claims.safetensors"), bytes), "claims a header");
    }

    @Test
    void unnamedProductsOfZeroAndHugeDimensionsAreEmpty() throws IOException {
        Path file = withHeader(("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
                        + "\"b\":{\"dtype\":\"F64\",\"shape\":[2147483647,2147483647,0],\"data_offsets\":[4,4]}}")
                .getBytes(StandardCharsets.UTF_8));
        assertEquals(0, SafeTensors.read(file).tensor("b").elements());
    }

    @Test
    void failedWritesLeaveTheOldFileAndNoOther() throws IOException {
        Path file = writeSample(folder.resolve("a.safetensors"));
        byte[] before = Files.readAllBytes(file);
        SafeTensorsWriter writer = new SafeTensorsWriter().tensor("x", ElementType.F32, new int[] {1}, () -> {
            throw new IOException("planted");
        });
        assertEquals(
                file + ": planted",
                assertThrows(IOException.class, () -> writer.write(file)).getMessage(),
                "the file is named");
        assertArrayEquals(before, Files.readAllBytes(file));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void leftoversOfDeadProcessesAreRemovedAndOthersKept() throws IOException {
        Path dead = Files.createFile(folder.resolve(".a.safetensors.999999999-1.partial"));
        Path alive = Files.createFile(
                folder.resolve(".a.safetensors." + ProcessHandle.current().pid() + "-999999.partial"));
        Path foreign = Files.createFile(folder.resolve(".b.safetensors.999999999-1.partial"));
        writeSample(folder.resolve("a.safetensors"));
        assertTrue(Files.notExists(dead));
        assertTrue(Files.exists(alive));
        assertTrue(Files.exists(foreign));
    }

    private Path withHeader(byte[] header) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + header.length + 4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .put(header);
        return Files.write(folder.resolve("header.safetensors"), bytes.array());
    }

    private static void assertRefused(Path file, String sentence) {
        InvalidFileException e = assertThrows(InvalidFileException.class, () -> SafeTensors.read(file));
        assertTrue(e.getMessage().contains(sentence), e.getMessage());
        assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
    }
}
