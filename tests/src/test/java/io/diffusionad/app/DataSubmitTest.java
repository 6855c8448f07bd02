package io.diffusionad.app;

import io.diffusionad.image.GreyImage;
import io.diffusionad.image.Images;
import io.diffusionad.image.PngWriter;
import io.diffusionad.image.RgbImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A run on a manifest: training, evaluation, and {@code data submit}, which writes what the evaluation server of MVTec
 * AD 2 takes.
 */
class DataSubmitTest {
    private static final int WIDTH = 60;
    private static final int HEIGHT = 44;

    @TempDir
    private Path folder;

    private static RgbImage picture(int number) {
        RgbImage small = SmallDataset.stripes(number, true);
        byte[] rgb = new byte[3 * WIDTH * HEIGHT];
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                for (int c = 0; c < 3; c++) {
                    rgb[3 * (y * WIDTH + x) + c] =
                            (byte) small.channel(x % SmallDataset.SIZE, y % SmallDataset.SIZE, c);
                }
            }
        }
        return new RgbImage(WIDTH, HEIGHT, rgb);
    }

    /** The data set of the folder, told by a table in it. */
    private static Path manifest(Path data) throws IOException {
        StringBuilder table = new StringBuilder("file,split,kind,mask\n");
        for (int i = 0; i < 9; i++) {
            table.append("train/good/").append(i).append(".png,train,,\n");
        }
        for (int i = 0; i < 3; i++) {
            table.append("test/good/").append(i).append(".png,test,good,\n");
            table.append("test/square/")
                    .append(i)
                    .append(".png,test,square,ground_truth/square/")
                    .append(i)
                    .append("_mask.png\n");
        }
        return Files.writeString(data.resolve("can.csv"), table);
    }

    private static List<String> files(Path root) throws IOException {
        try (Stream<Path> tree = Files.walk(root)) {
            return tree.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString().replace('\\', '/'))
                    .sorted()
                    .toList();
        }
    }

    /** The largest value of the 16-bit floats that fill the end of the file. */
    private static void assertMapAndMaskAgree(Path tiff, Path png, double threshold) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(tiff)).order(ByteOrder.LITTLE_ENDIAN);
        int start = bytes.limit() - 2 * WIDTH * HEIGHT;
        GreyImage mask = Images.readGrey(png);
        assertEquals(WIDTH, mask.width());
        assertEquals(HEIGHT, mask.height());
        double step = threshold * 0x1p-10; // where the map's 16 bits lie on the threshold, either answer is right
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            int half = bytes.getShort(start + 2 * i) & 0xFFFF;
            double score = half < 1024 ? Math.scalb(half, -24) : Math.scalb(1024 + (half & 1023), (half >> 10) - 25);
            int marked = mask.grey()[i] & 0xFF;
            assertTrue(marked == 0 || marked == 255, "pixel " + i + " is " + marked);
            assertTrue(
                    score >= 0
                            && score <= 1
                            && (Math.abs(score - threshold) < step || marked == 255 == score >= threshold),
                    "pixel " + i + ": " + score + ", " + marked);
        }
    }

    @Test
    void mapsAndMasksOfBothPrivateTestSets() throws Exception {
        Path run = folder.resolve("run");
        Path manifest = manifest(SmallDataset.write(folder.resolve("can")));
        Program training = Program.run(
                        SmallModel.train("--data", manifest, "--out", run, "--steps", "2", "--seed", "3"))
                .succeeds();
        assertTrue(
                training.err().contains("can (manifest): 9 train, 3 good and 3 defective test pictures (square 3)"),
                training.err());
        Program evaluation = Program.run(
                        "evaluate",
                        "--checkpoint",
                        run,
                        "--data",
                        manifest,
                        "--out",
                        folder.resolve("evaluation"),
                        "--device",
                        "cpu")
                .succeeds();
        assertTrue(
                evaluation.err().contains("can (manifest): 9 train, 3 good and 3 defective test pictures (square 3)"),
                evaluation.err());
        assertEquals(
                6, Files.readAllLines(folder.resolve("evaluation/scores.jsonl")).size());
        Path object = folder.resolve("mvtec_ad_2/can");
        for (int i = 0; i < 3; i++) {
            PngWriter.write(object.resolve("test_private/00" + i + "_regular.png"), picture(i));
            PngWriter.write(object.resolve("test_private_mixed/00" + i + "_mixed.png"), picture(10 + i));
        }
        Path out = folder.resolve("submission");
        double threshold = 0.4;
        Program program = Program.run(
                        "data",
                        "submit",
                        "--checkpoint",
                        run,
                        "--data",
                        object.getParent(),
                        "--out",
                        out,
                        "--device",
                        "cpu",
                        "--batch",
                        "2",
                        "--pixel-threshold",
                        threshold)
                .succeeds();
        assertTrue(program.err().contains("the server also wants: fabric, fruit_jelly"), program.err());
        assertEquals(
                List.of(
                        "anomaly_images/can/test_private/000_regular.tiff",
                        "anomaly_images/can/test_private/001_regular.tiff",
                        "anomaly_images/can/test_private/002_regular.tiff",
                        "anomaly_images/can/test_private_mixed/000_mixed.tiff",
                        "anomaly_images/can/test_private_mixed/001_mixed.tiff",
                        "anomaly_images/can/test_private_mixed/002_mixed.tiff",
                        "anomaly_images_thresholded/can/test_private/000_regular.png",
                        "anomaly_images_thresholded/can/test_private/001_regular.png",
                        "anomaly_images_thresholded/can/test_private/002_regular.png",
                        "anomaly_images_thresholded/can/test_private_mixed/000_mixed.png",
                        "anomaly_images_thresholded/can/test_private_mixed/001_mixed.png",
                        "anomaly_images_thresholded/can/test_private_mixed/002_mixed.png"),
                files(out));
        for (String name : new String[] {"test_private/001_regular", "test_private_mixed/002_mixed"}) {
            assertMapAndMaskAgree(
                    out.resolve("anomaly_images/can/" + name + ".tiff"),
                    out.resolve("anomaly_images_thresholded/can/" + name + ".png"),
                    threshold);
        }
        Program.run("data", "submit", "--checkpoint", run, "--data", object, "--out", out, "--device", "cpu")
                .isRefusedNaming("holds results of can", "--overwrite");
        Path broken = object.resolve("test_private/001_regular.png");
        Files.write(broken, Arrays.copyOf(Files.readAllBytes(broken), 500));
        Program partly = Program.run(
                "data",
                "submit",
                "--checkpoint",
                run,
                "--data",
                object,
                "--out",
                folder.resolve("partly"),
                "--device",
                "cpu",
                "--pixel-threshold",
                threshold);
        assertEquals(3, partly.exitCode(), partly.err());
        assertTrue(
                partly.err().contains("001_regular.png is truncated")
                        && partly.err().contains("1 of 6 pictures"),
                partly.err());
        assertEquals(10, files(folder.resolve("partly")).size(), "the others are written");
        Program.run(
                        "data",
                        "submit",
                        "--checkpoint",
                        run,
                        "--data",
                        folder.resolve("can"),
                        "--out",
                        folder.resolve("no"),
                        "--device",
                        "cpu",
                        "--pixel-threshold",
                        threshold)
                .isRefusedNaming("test_private", "MVTec AD 2");
    }
}
