package io.diffusionad.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.diffusionad.backend.cuda.RequiresCuda;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands with {@code --device cuda}. */
@RequiresCuda
class CudaCommandLineTest {
    @TempDir
    private Path temporary;

    /** A detector that was trained on the card scores alike on the card and on the processor. */
    @Test
    void trainsAndDetects() throws IOException {
        Path data = SmallDataset.write(temporary.resolve("stripes"));
        Path run = temporary.resolve("run");
        Program training = Program.run(SmallModel.trainOn("cuda", "--data", data, "--out", run, "--steps", "2")).succeeds();
        assertTrue(training.err().contains("cuda:0"), training.err());
        List<Double> card = scores(run, data, "cuda");
        List<Double> processor = scores(run, data, "cpu");
        assertEquals(6, card.size());
        for (int i = 0; i < card.size(); i++) {
            assertEquals(processor.get(i), card.get(i), 1e-4);
        }
    }

    @Test
    void verifiesTheBuiltInRecordings() {
        Program.run("verify", "--device", "cuda", "--failures").succeeds();
    }

    @Test
    void infoNamesTheCard() {
        String out = Program.run("info").succeeds().out();
        assertTrue(out.contains("compute capability"), out);
    }

    private static List<Double> scores(Path run, Path data, String device) throws IOException {
        Program detection = Program.run("detect", "--checkpoint", run, "--device", device, "--precision", "float32", data.resolve("test")).succeeds();
        List<Double> scores = new ArrayList<>();
        for (String line : detection.out().lines().toList()) {
            JsonNode found = new ObjectMapper().readTree(line);
            scores.add(found.get("score").asDouble());
        }
        return scores;
    }
}
