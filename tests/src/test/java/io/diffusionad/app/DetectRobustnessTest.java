package io.diffusionad.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.diffusionad.app.console.Console;
import io.diffusionad.image.PngWriter;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** One bad picture never spoils the rest, and only pictures of parts are looked at. */
class DetectRobustnessTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path shared;

    @TempDir
    Path temporary;

    private static Path run;

    @BeforeAll
    static void trainOnce() {
        run = shared.resolve("run");
        Program.run(SmallModel.train(
                        "--data",
                        SmallDataset.write(shared.resolve("stripes")),
                        "--out",
                        run,
                        "--steps",
                        "1",
                        "--sheets",
                        "0"))
                .succeeds();
    }

    @Test
    void aDamagedPictureCostsOneLine() throws IOException {
        Path folder = pictures(6);
        Path broken = damage(folder.resolve("3.png"));
        Path out = temporary.resolve("out");
        Program program = detect("--batch", "4", "--out", out, folder);
        assertEquals(3, program.exitCode(), program.err());
        assertEquals(program.out(), Files.readString(out.resolve("detections.jsonl")));
        List<JsonNode> lines = lines(program);
        assertEquals(List.of("0.png", "1.png", "2.png", "3.png", "4.png", "5.png"), names(lines));
        for (int i = 0; i < 6; i++) {
            assertEquals(i == 3, lines.get(i).has("error"), lines.get(i)::toString);
            assertEquals(i != 3, lines.get(i).path("score").isNumber(), lines.get(i)::toString);
            assertEquals(i != 3, Files.exists(out.resolve(i + "-heatmap.png")));
        }
        assertTrue(lines.get(3).path("error").asText().contains(broken.toString()));
        assertEquals(
                1,
                program.err()
                        .lines()
                        .filter(line -> line.startsWith("error: ") && line.contains(broken.toString()))
                        .count(),
                program.err());
    }

    /** The others' scores are those that they have alone. */
    @Test
    void theRestScoresAsItDoesAlone() throws IOException {
        Path folder = pictures(4);
        List<JsonNode> whole = lines(detect("--batch", "4", folder).succeeds());
        damage(folder.resolve("1.png"));
        List<JsonNode> rest = lines(detect("--batch", "4", folder));
        for (int i : new int[] {0, 2, 3}) {
            assertEquals(
                    whole.get(i).path("score").asDouble(),
                    rest.get(i).path("score").asDouble());
        }
    }

    @Test
    void nothingReadableIsBadInput() throws IOException {
        Path folder = pictures(2);
        damage(folder.resolve("0.png"));
        damage(folder.resolve("1.png"));
        Program program = detect(folder);
        assertEquals(2, program.exitCode(), program.err());
        assertEquals(2, lines(program).size());
    }

    @Test
    void whatLiesBesidePicturesIsLeftOut() throws IOException {
        Path folder = pictures(2);
        byte[] fork = {0, 5, 22, 7, 0, 0};
        for (String name : List.of(
                "._0.png",
                "Thumbs.db",
                ".hidden.png",
                "__MACOSX/._1.png",
                "__MACOSX/1.png",
                ".thumbnails/0.png",
                "sub/@eaDir/0.jpg")) {
            Files.createDirectories(folder.resolve(name).getParent());
            Files.write(folder.resolve(name), fork);
        }
        PngWriter.write(folder.resolve("sub/2.png"), SmallDataset.stripes(2, false));
        assertEquals(
                List.of("0.png", "1.png", "2.png"), names(lines(detect(folder).succeeds())));
    }

    @Test
    void ownResultsAreNotInspected() throws IOException {
        Path folder = pictures(1);
        for (Path out : new Path[] {folder.resolve("found"), folder}) {
            for (int round = 0; round < 2; round++) {
                Program program = detect("--out", out, "--overwrite", "--write", "heatmap,mask,map", folder)
                        .succeeds();
                assertEquals(List.of("0.png"), names(lines(program)), out + " round " + round);
            }
        }
        Path moved = Files.createDirectories(temporary.resolve("moved"));
        Files.copy(folder.resolve("found/0-mask.png"), moved.resolve("a.png"));
        detect(moved).isRefusedNaming(moved.toString(), "this program made");
        assertEquals(1, lines(detect(moved.resolve("a.png")).succeeds()).size(), "a file that is named is looked at");
    }

    /** Pictures that lost their mark in another program, and those of versions without one. */
    @Test
    void resultsAreKnownByTheirList() throws IOException {
        Path folder = pictures(3);
        Files.writeString(
                folder.resolve("detections.jsonl"),
                "{\"file\":\"x.png\",\"written\":[\"elsewhere/1.png\"]}\n{\"file\":\"y.png\",\"wri");
        assertEquals(List.of("0.png", "2.png"), names(lines(detect(folder).succeeds())));
    }

    @Test
    void linesAreInTheFileAsSoonAsTheyAreKnown() throws IOException {
        Path folder = pictures(3);
        Path out = temporary.resolve("out");
        List<Long> before = new ArrayList<>();
        StringWriter watching = new StringWriter() {
            @Override
            public void flush() {
                try (Stream<String> lines = Files.lines(out.resolve("detections.jsonl"))) {
                    before.add(lines.count());
                } catch (java.nio.file.NoSuchFileException e) {
                    before.add(0L);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        Main.run(
                new Console(new PrintWriter(watching), new PrintWriter(new StringWriter()), false),
                "detect",
                "--device",
                "cpu",
                "--precision",
                "float32",
                "--checkpoint",
                run.toString(),
                "--out",
                out.toString(),
                folder.toString());
        assertEquals(
                Set.of(0L, 1L, 2L), Set.copyOf(before.subList(0, 3)), "lines in the file when the next one is printed");
    }

    @Test
    void aFullDiskNamesTheFile() throws IOException {
        Path out = Files.createDirectories(temporary.resolve("out"));
        Path list = Files.createSymbolicLink(out.resolve("detections.jsonl"), Path.of("/dev/full"));
        detect("--out", out, "--overwrite", pictures(1)).isRefusedNaming(list.toString(), "disk is full");
        try (Stream<Path> files = Files.list(out)) {
            assertFalse(files.anyMatch(file -> file.toString().endsWith(".partial")));
        }
    }

    private Path pictures(int count) {
        Path folder = temporary.resolve("pictures");
        for (int i = 0; i < count; i++) {
            PngWriter.write(folder.resolve(i + ".png"), SmallDataset.stripes(i, false));
        }
        return folder;
    }

    private static Path damage(Path picture) throws IOException {
        byte[] bytes = Files.readAllBytes(picture);
        return Files.write(picture, Arrays.copyOf(bytes, bytes.length / 2));
    }

    private static Program detect(Object... more) {
        List<Object> words =
                new ArrayList<>(List.of("detect", "--device", "cpu", "--precision", "float32", "--checkpoint", run));
        words.addAll(List.of(more));
        return Program.run(words.toArray());
    }

    private static List<JsonNode> lines(Program program) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : program.out().lines().toList()) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    private static List<String> names(List<JsonNode> lines) {
        return lines.stream()
                .map(line -> Path.of(line.path("file").asText()).getFileName().toString())
                .collect(Collectors.toList());
    }
}
