package io.diffusionad.app;

import io.diffusionad.checkpoint.Checkpoint;
import io.diffusionad.image.GreyImage;
import io.diffusionad.image.PngWriter;
import io.diffusionad.io.HostTensor;
import io.diffusionad.io.SafeTensors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertFalse;

/** What a user can get wrong: one sentence that names it, exit code 2, nothing written. */
class BadInputTest {
    @TempDir
    static Path shared;

    @TempDir
    Path temporary;

    private static Path data;
    private static Path checkpoint;

    @BeforeAll
    static void trainOnce() {
        data = SmallDataset.write(shared.resolve("stripes"));
        Program.run(SmallModel.train("--data", data, "--out", shared.resolve("run"), "--steps", "1", "--sheets", "0"))
                .succeeds();
        checkpoint = shared.resolve("run/last.safetensors");
    }

    @Test
    void anEmptyFolder() throws IOException {
        Path empty = Files.createDirectories(temporary.resolve("empty"));
        train("--data", empty).isRefusedNaming(empty.toString());
        Program.run("detect", "--checkpoint", checkpoint, empty).isRefusedNaming(empty.toString());
        Program.run("synthesize", "--data", empty, "--out", temporary.resolve("sheet.png"))
                .isRefusedNaming(empty.toString());
    }

    @Test
    void aBatchTooSmallForBatchNormalisation() {
        train("--data", data, "--batch", "1").isRefusedNaming("--batch 2", "--image-size");
    }

    /** Also where no GPU would ever look at it. */
    @Test
    void aProviderThatDoesNotExist() {
        Program.run(
                        "detect",
                        "--device",
                        "cpu",
                        "--providers",
                        "rocm",
                        "--checkpoint",
                        checkpoint,
                        data.resolve("test"))
                .isRefusedNaming("rocm", "cudnn");
    }

    @Test
    void aFolderThatDoesNotExist() {
        train("--data", "/no/such/folder").isRefusedNaming("/no/such/folder");
        train().isRefusedNaming("--data");
    }

    @Test
    void aFolderOfTexturesWithoutPictures() throws IOException {
        Path empty = Files.createDirectories(temporary.resolve("textures"));
        Path data = SmallDataset.write(temporary.resolve("data"));
        train("--data", data, "--textures", empty).isRefusedNaming(empty.toString(), "--textures");
    }

    @Test
    void aCorruptTrainingImage() throws IOException {
        Path copy = SmallDataset.write(temporary.resolve("data"));
        Path broken = copy.resolve("train/good/3.png");
        Files.writeString(broken, "no picture");
        train("--data", copy).isRefusedNaming(broken.toString());
    }

    @Test
    void aTruncatedImage() throws IOException {
        Path copy = SmallDataset.write(temporary.resolve("data"));
        Path broken = copy.resolve("test/good/1.png");
        byte[] bytes = Files.readAllBytes(broken);
        Files.write(broken, Arrays.copyOf(bytes, bytes.length / 2));
        train("--data", copy).isRefusedNaming(broken.toString());
        Program.run("detect", "--checkpoint", checkpoint, "--device", "cpu", broken)
                .isRefusedNaming(broken.toString());
    }

    @Test
    void aMissingMask() throws IOException {
        Path copy = SmallDataset.write(temporary.resolve("data"));
        Files.delete(copy.resolve("ground_truth/square/1_mask.png"));
        evaluate(copy).isRefusedNaming("test/square/1.png", "--no-masks");
    }

    @Test
    void aMaskOfAnotherSize() {
        Path copy = SmallDataset.write(temporary.resolve("data"));
        Path mask = copy.resolve("ground_truth/square/1_mask.png");
        PngWriter.write(mask, new GreyImage(8, 8, new byte[64]));
        evaluate(copy).isRefusedNaming(mask.toString(), "8x8");
        train("--data", copy).isRefusedNaming(mask.toString(), "8x8");
    }

    @Test
    void aTruncatedCheckpoint() throws IOException {
        byte[] bytes = Files.readAllBytes(checkpoint);
        for (int length : new int[] {0, 5, 200, bytes.length / 2, bytes.length - 1}) {
            detectWith(Files.write(temporary.resolve("truncated" + length), Arrays.copyOf(bytes, length)));
        }
    }

    @Test
    void aCheckpointWithAFlippedBit() throws IOException {
        byte[] bytes = Files.readAllBytes(checkpoint);
        for (int position : new int[] {3, 60, bytes.length / 2, bytes.length - 2}) {
            byte[] flipped = bytes.clone();
            flipped[position] ^= 0x10;
            detectWith(Files.write(temporary.resolve("flipped" + position), flipped));
        }
    }

    @Test
    void aHeaderThatClaimsTooMuch() throws IOException {
        ByteBuffer huge = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 1L << 60);
        detectWith(Files.write(temporary.resolve("huge.safetensors"), huge.array()));
    }

    @Test
    void aCheckpointOfAnotherArchitecture() throws IOException {
        Map<String, HostTensor> tensors =
                new LinkedHashMap<>(SafeTensors.read(checkpoint).tensors());
        Map<String, String> card = Checkpoint.readCard(checkpoint).toMetadata();
        HostTensor removed = tensors.remove("unet.out.2.bias");
        Path file = temporary.resolve("other.safetensors");
        SafeTensors.write(file, card, tensors);
        detectWith(file, "unet.out.2.bias");
        tensors.put("unet.out.2.bias", HostTensor.ofFloats(new int[] {4}, 1, 2, 3, 4));
        SafeTensors.write(file, card, tensors);
        detectWith(file, "unet.out.2.bias");
        tensors.put("unet.out.2.bias", HostTensor.ofFloats(new int[] {3}, 1, Float.NaN, 3));
        SafeTensors.write(file, card, tensors);
        detectWith(file, "unet.out.2.bias");
        tensors.put("unet.out.2.bias", removed);
        tensors.put("unet.surplus", removed);
        SafeTensors.write(file, card, tensors);
        detectWith(file, "unet.surplus");
        SafeTensors.write(file, Map.of(), tensors);
        detectWith(file);
    }

    @Test
    void aFileInPlaceOfTheOutputFolder() throws IOException {
        Path file = Files.writeString(temporary.resolve("file"), "mine");
        Program.run(SmallModel.train("--data", data, "--out", file)).isRefusedNaming(file.toString());
        Program.run(SmallModel.train("--data", data, "--out", file.resolve("below")))
                .isRefusedNaming(file.toString());
        Program.run("evaluate", "--checkpoint", checkpoint, "--data", data, "--out", file)
                .isRefusedNaming(file.toString());
        Program.run("detect", "--checkpoint", checkpoint, "--out", file, data.resolve("test"))
                .isRefusedNaming(file.toString());
        Program.run("data", "demo", "--out", file).isRefusedNaming(file.toString());
        Program.run("demo", "--out", file).isRefusedNaming(file.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "--image-size,100,multiple of 32",
        "--image-size,0,image size",
        "--base-channels,40,32",
        "--heads,5,heads",
        "--batch,0,--batch",
        "--micro-batch,3,--micro-batch",
        "--unet-lr,0,learning rate",
        "--unet-lr,NaN,learning rate",
        "--small-t,2000,t_s",
        "--big-t,50,t_b",
        "--timesteps,1,steps",
        "--guidance,-1,guidance",
        "--validation,2,--validation",
        "--timestep-split,0,--timestep-split",
        "--steps,0,--steps",
        "--steps,-3,--steps",
        "--minutes,-1,--minutes",
        "--device,gpu,gpu",
        "--threads,-1,--threads",
        "--evaluate-every,-1,--evaluate-every",
        "--precision,int8,int8 is for detection"
    })
    void impossibleSettings(String option, String value, String word) {
        train("--data", data, option, value).isRefusedNaming(word);
    }

    @Test
    void int8WhereItHasNoMeaning() throws IOException {
        Program.run("verify", "--device", "cpu", "--precision", "int8").isRefusedNaming("int8", "bf16");
        Path otherNetwork = temporary.resolve("other-ranges.safetensors");
        Map<String, String> card = Checkpoint.readCard(checkpoint).toMetadata();
        card.put("diffusionad.int8_ranges", "{\"down.1.0.in_layers.2\":[-0.25,2]}");
        card.putIfAbsent("diffusionad.int8_threshold", "0.5");
        card.putIfAbsent("diffusionad.int8_pixel_threshold", "0.5");
        card.putIfAbsent("diffusionad.int8_calibration_images", "9");
        SafeTensors.write(otherNetwork, card, SafeTensors.read(checkpoint).tensors());
        Program.run(
                        "detect",
                        "--checkpoint",
                        otherNetwork,
                        "--device",
                        "cpu",
                        "--precision",
                        "int8",
                        data.resolve("test/good"))
                .isRefusedNaming("int8");
    }

    @Test
    void trainingThatCannotFitNamesTheSettingThatWould() {
        Program.run(
                        "train",
                        "--device",
                        "cpu",
                        "--preset",
                        "paper",
                        "--data",
                        data,
                        "--out",
                        temporary.resolve("run"),
                        "--memory",
                        "fast",
                        "--batch",
                        "512")
                .isRefusedNaming("memory", "--memory lean");
        assertFalse(Files.exists(temporary.resolve("run")));
    }

    @Test
    void severalBudgetsContradict() {
        train("--data", data, "--steps", "5", "--minutes", "1").isRefusedNaming("--steps", "--minutes");
    }

    private Program train(Object... more) {
        Object[] words = SmallModel.train(more);
        Object[] all = Arrays.copyOf(words, words.length + 2);
        all[words.length] = "--out";
        all[words.length + 1] = temporary.resolve("run");
        Program program = Program.run(all);
        assertFalse(Files.exists(temporary.resolve("run/last.safetensors")), "a checkpoint was written");
        return program;
    }

    private Program evaluate(Path folder) {
        return Program.run(
                "evaluate",
                "--checkpoint",
                checkpoint,
                "--data",
                folder,
                "--device",
                "cpu",
                "--precision",
                "float32",
                "--out",
                temporary.resolve("evaluation"));
    }

    private static void detectWith(Path file, String... words) {
        Program.run("detect", "--checkpoint", file, "--device", "cpu", data.resolve("test/good"))
                .isRefusedNaming(file.toString())
                .isRefusedNaming(words);
    }
}
