package io.diffusionad.io;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Objects beside the weights are skipped and named; they never become tensors, and nothing of them is run. */
class TorchPassengersTest {
    private static final int DEEP = 2_000_000;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 5})
    void weightsAreTakenAndPassengersNamed(int protocol) throws IOException {
        String name = "passengers-" + protocol + ".pt";
        TorchCheckpoint checkpoint =
                TorchCheckpoint.read(Files.write(folder.resolve(name), DamagedFilesTest.resource(name)));
        Map<String, HostTensor> expected = Map.of(
                "weight",
                HostTensor.ofFloats(new int[] {2, 3}, 1, 2, 3, 4, 5, 6),
                "bias",
                HostTensor.ofFloats(new int[] {2}, -1, 0.5f));
        assertEquals(expected, checkpoint.tensors("model"));
        assertEquals(2, checkpoint.allTensors().size());
        assertEquals(1000L, checkpoint.get("args", "T"), "a namespace reads as a dictionary");
        assertEquals("bottle", checkpoint.get("args", "name"));
        assertEquals(List.of(1.5), checkpoint.get("log", "loss"));
        assertEquals(3L, checkpoint.get("other", "a"));
        assertEquals(7L, checkpoint.get("last"));
        List<String> skipped = checkpoint.skipped();
        for (String passenger : List.of(
                "args.lr (numpy.core.multiarray.scalar)",
                "path (pathlib.PurePosixPath)",
                "device (torch.device)",
                "dtype (torch.float32)",
                "size (torch.Size)",
                "meter (project.phases.Meter)",
                "when (datetime.datetime)",
                "list (numpy.core.multiarray.scalar)")) {
            assertTrue(skipped.contains(passenger), passenger + " in " + skipped);
        }
        assertTrue(skipped.stream().anyMatch(text -> text.startsWith("history (numpy.")), skipped.toString());
    }

    @Test
    void aPassengerIsNoTensor() throws IOException {
        TorchCheckpoint checkpoint = TorchCheckpoint.read(zip("}U\\x05statecproject\\nThing\\n)\\x81s."));
        InvalidFileException e = assertThrows(InvalidFileException.class, () -> checkpoint.tensors("state"));
        assertTrue(e.getMessage().contains("project.Thing"), e.getMessage());
        assertTrue(checkpoint.allTensors().isEmpty());
    }

    @Test
    void storagesOfOtherElementsAreSkipped() throws IOException {
        TorchCheckpoint checkpoint = TorchCheckpoint.read(
                zip(
                        "}U\\x01actorch._utils\\n_rebuild_tensor_v2\\n"
                                + "((U\\x07storagectorch\\nComplexFloatStorage\\nU\\x010U\\x03cpuK\\x06tQK\\x00K\\x06\\x85K\\x01\\x85\\x89)tRs."));
        assertEquals(List.of("a (torch.ComplexFloatStorage)"), checkpoint.skipped());
    }

    @Test
    void deepNestingCostsNoStack() throws IOException {
        byte[] lists = "]".repeat(DEEP).concat("a".repeat(DEEP - 1)).concat(".").getBytes(StandardCharsets.ISO_8859_1);
        assertTrue(TorchCheckpoint.read(zip(lists)).allTensors().isEmpty());
        byte[] tuples = "N".concat("\u0085".repeat(DEEP)).concat(".").getBytes(StandardCharsets.ISO_8859_1);
        assertTrue(TorchCheckpoint.read(zip(tuples)).skipped().isEmpty());
        byte[] dictionaries = "}"
                .concat("U\u0001a}".repeat(1000))
                .concat("s".repeat(1000))
                .concat(".")
                .getBytes(StandardCharsets.ISO_8859_1);
        TorchCheckpoint nested = TorchCheckpoint.read(zip(dictionaries));
        InvalidFileException e = assertThrows(InvalidFileException.class, nested::allTensors);
        assertTrue(e.getMessage().contains("nested"), e.getMessage());
    }

    @Test
    void commandsAreRefusedWhereverTheyStand() throws IOException {
        Path file = zip("}U\\x01acposix\\nsystem\\n(U\\x04exittRs.");
        InvalidFileException e = assertThrows(InvalidFileException.class, () -> TorchCheckpoint.read(file));
        assertTrue(e.getMessage().contains("posix.system"), e.getMessage());
    }

    private Path zip(String escaped) throws IOException {
        return zip(TorchCheckpointTest.bytes(escaped));
    }

    private Path zip(byte[] pickle) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            ZipEntry item = new ZipEntry("made/data.pkl");
            CRC32 checksum = new CRC32();
            checksum.update(pickle);
            item.setMethod(ZipEntry.STORED);
            item.setSize(pickle.length);
            item.setCrc(checksum.getValue());
            zip.putNextEntry(item);
            zip.write(pickle);
        }
        return Files.write(folder.resolve("made.pt"), out.toByteArray());
    }
}
