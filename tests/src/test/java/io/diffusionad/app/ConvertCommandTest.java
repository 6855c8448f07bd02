package io.diffusionad.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.diffusionad.checkpoint.Checkpoint;
import io.diffusionad.io.HostTensor;
import io.diffusionad.io.SafeTensors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        Program first = Program.run("convert", resource("reference-checkpoint.pt"), ours, "--category", "bottle").succeeds();
        assertTrue(first.err().contains("random_slice"), first.err());
        assertEquals("bottle", Checkpoint.readCard(ours).category());

        Path pipeline = folder.resolve("bottle.onnx");
        Program.run("convert", ours, pipeline).succeeds();
        Path unet = folder.resolve("unet.onnx");
        Program.run("convert", folder.resolve("reference-checkpoint.pt"), unet, "--to", "onnx", "--part", "unet").succeeds();
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
        Program.run("convert", resource("small-legacy.pt"), plain, "--to", "tensors").succeeds();
        SafeTensors read = SafeTensors.read(plain);
        assertEquals(Set.of("state.weight", "state.transposed", "state.tail", "state.count", "state.half"), read.tensors().keySet());
        assertEquals(HostTensor.ofFloats(new int[] {3, 2}, 1, 4, 2, 5, 3, 6), read.tensor("state.transposed"));
    }

    @Test
    void badInputIsRefusedAndNothingIsOverwritten() throws IOException {
        Path reference = resource("reference-checkpoint.pt");
        Path out = Files.writeString(folder.resolve("out.safetensors"), "precious");
        Program.run("convert", reference, out).isRefusedNaming("out.safetensors", "--overwrite");
        Program.run("convert", folder.resolve("absent.pt"), out, "--overwrite").isRefusedNaming("absent.pt");
        Program.run("convert", resource("small-zip.pt"), out, "--overwrite").isRefusedNaming("small-zip.pt", "unet_model_state_dict");
        byte[] whole = Files.readAllBytes(reference);
        Path truncated = Files.write(folder.resolve("truncated.pt"), Arrays.copyOf(whole, whole.length / 2));
        for (String format : List.of("safetensors", "onnx", "tensors")) {
            Program.run("convert", truncated, out, "--overwrite", "--to", format).isRefusedNaming("truncated.pt");
        }
        Path ours = folder.resolve("ours.safetensors");
        Program.run("convert", reference, ours).succeeds();
        byte[] flipped = Files.readAllBytes(ours);
        flipped[flipped.length - 100] ^= 4;
        Program.run("convert", Files.write(folder.resolve("flipped.safetensors"), flipped), out, "--overwrite", "--to", "onnx")
                .isRefusedNaming("flipped.safetensors", "checksum");
        assertArrayEquals("precious".getBytes(java.nio.charset.StandardCharsets.US_ASCII), Files.readAllBytes(out));
    }
}
