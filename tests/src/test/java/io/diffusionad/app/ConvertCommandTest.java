package io.diffusionad.app;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.diffusionad.checkpoint.Checkpoint;
import io.diffusionad.io.HostTensor;
import io.diffusionad.io.SafeTensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ConvertCommandTest {
    @TempDir
    private Path folder;

    private Path resource(String name) throws IOException {
        try (InputStream in = getClass().getResourceAsStream("/torch/" + name)) {
            return Files.write(folder.resolve(name), in.readAllBytes());
        }
    }

    @Test
    void aReferenceCheckpointBecomesOursAndThenOnnx() throws IOException, OrtException {
        Path ours = folder.resolve("bottle.safetensors");
        Program first = Program.run("convert", resource("reference-checkpoint.pt"), ours, "--category", "bottle")
                .succeeds();
        assertTrue(first.err().contains("random_slice"), first.err());
        assertEquals("bottle", Checkpoint.readCard(ours).category());

        Path pipeline = folder.resolve("bottle.onnx");
        Program.run("convert", ours, pipeline).succeeds();
        Path unet = folder.resolve("unet.onnx");
        Program.run("convert", folder.resolve("reference-checkpoint.pt"), unet, "--to", "onnx", "--part", "unet")
                .succeeds();
        try (OrtSession whole = OrtEnvironment.getEnvironment().createSession(pipeline.toString());
                OrtSession part = OrtEnvironment.getEnvironment().createSession(unet.toString())) {
            assertEquals(Set.of("image", "noise_small", "noise_big"), whole.getInputNames());
            assertEquals(Set.of("score_map", "image_score", "reconstruction"), whole.getOutputNames());
            assertEquals(Set.of("x", "t"), part.getInputNames());
        }
    }

    @Test
    void anyTorchFileBecomesPlainTensors() throws IOException {
        Path plain = folder.resolve("plain.safetensors");
        Program.run("convert", resource("small-legacy.pt"), plain, "--to", "tensors")
                .succeeds();
        SafeTensors read = SafeTensors.read(plain);
        assertEquals(
                Set.of("state.weight", "state.transposed", "state.tail", "state.count", "state.half"),
                read.tensors().keySet());
        assertEquals(HostTensor.ofFloats(new int[] {3, 2}, 1, 4, 2, 5, 3, 6), read.tensor("state.transposed"));
    }

    @Test
    void badInputIsRefusedAndNothingIsOverwritten() throws IOException {
        Path reference = resource("reference-checkpoint.pt");
        Path out = Files.writeString(folder.resolve("out.safetensors"), "precious");
        Program.run("convert", reference, out).isRefusedNaming("out.safetensors", "--overwrite");
        Program.run("convert", folder.resolve("absent.pt"), out, "--overwrite").isRefusedNaming("absent.pt");
        Program.run("convert", resource("small-zip.pt"), out, "--overwrite")
                .isRefusedNaming("small-zip.pt", "unet_model_state_dict");
        byte[] whole = Files.readAllBytes(reference);
        Path truncated = Files.write(folder.resolve("truncated.pt"), Arrays.copyOf(whole, whole.length / 2));
        for (String format : List.of("safetensors", "onnx", "tensors")) {
            Program.run("convert", truncated, out, "--overwrite", "--to", format)
                    .isRefusedNaming("truncated.pt");
        }
        Path ours = folder.resolve("ours.safetensors");
        Program.run("convert", reference, ours).succeeds();
        byte[] flipped = Files.readAllBytes(ours);
        flipped[flipped.length - 100] ^= 4;
        Program.run(
                        "convert",
                        Files.write(folder.resolve("flipped.safetensors"), flipped),
                        out,
                        "--overwrite",
                        "--to",
                        "onnx")
                .isRefusedNaming("flipped.safetensors", "checksum");
        assertArrayEquals("precious".getBytes(StandardCharsets.US_ASCII), Files.readAllBytes(out));
    }

    /**
     * Other programs write no checksum: the advice that the refusal gives works. A wrong checksum is no missing one.
     */
    @Test
    void filesWithoutAChecksumAreConvertedOnRequest() throws IOException {
        Path ours = folder.resolve("ours.safetensors");
        Program.run("convert", resource("reference-checkpoint.pt"), ours, "--category", "bottle")
                .succeeds();
        SafeTensors whole = SafeTensors.read(ours);
        Path bare = withoutChecksum(ours, folder.resolve("bare.safetensors"));
        Path out = folder.resolve("out.safetensors");
        Program.run("convert", bare, out).isRefusedNaming("bare.safetensors", "checksum", "--accept-unchecked");
        Program accepted =
                Program.run("convert", "--accept-unchecked", bare, out).succeeds();
        assertTrue(accepted.err().contains("no checksum"), accepted.err());
        assertEquals(whole.tensors(), SafeTensors.read(out).tensors());
        assertEquals(whole.metadata(), SafeTensors.read(out).metadata(), "with the same checksum");

        byte[] flipped = Files.readAllBytes(ours);
        flipped[flipped.length - 100] ^= 4;
        Program.run(
                        "convert",
                        "--accept-unchecked",
                        Files.write(folder.resolve("flipped.safetensors"), flipped),
                        out,
                        "--overwrite")
                .isRefusedNaming("flipped.safetensors", "checksum");
    }

    private static Path withoutChecksum(Path file, Path bare) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        String header = new String(bytes, Long.BYTES, length, StandardCharsets.UTF_8);
        byte[] changed = header.replaceFirst("\"crc32c\":\\s*\"[0-9a-f]*\",?", "")
                .replace(",}", "}")
                .getBytes(StandardCharsets.UTF_8);
        assertTrue(changed.length < length, header.substring(0, 200));
        ByteBuffer out =
                ByteBuffer.allocate(bytes.length - length + changed.length).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(changed.length).put(changed).put(bytes, Long.BYTES + length, bytes.length - Long.BYTES - length);
        return Files.write(bare, out.array());
    }
}
