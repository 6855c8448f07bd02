package io.diffusionad.app.command;

import io.diffusionad.AnomalyDetector;
import io.diffusionad.Detection;
import io.diffusionad.app.console.Console;
import io.diffusionad.app.console.ExitCode;
import io.diffusionad.app.console.Progress;
import io.diffusionad.app.submission.MvtecAd2Submission;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.settings.Precision;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

/** {@code data submit}: results for an evaluation server. */
@Command(
        name = "submit",
        sortOptions = false,
        description = {
            "Writes what the evaluation server of MVTec AD 2 takes, for one object: a map (16-bit float TIFF) and a mask (0 and 255, PNG)",
            "of every picture of test_private and test_private_mixed. Call it once an object, with that object's checkpoint and the same --out."
        },
        footer = {
            "",
            "Example:",
            "  diffusionad data submit --checkpoint runs/can --data mvtec_ad_2/can --out submission"
        })
final class DataSubmitCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private CheckpointChoice checkpoint;

    @Option(
            names = {"-d", "--data"},
            required = true,
            paramLabel = "FOLDER",
            description =
                    "The object's folder, or the data set's: then the object " + "that the checkpoint was trained on.")
    private Path data;

    @Option(
            names = {"-o", "--out"},
            required = true,
            paramLabel = "FOLDER",
            description = "The submission's folder; it must hold nothing else.")
    private Path out;

    @Option(names = "--overwrite", description = "Replace this object's results in --out.")
    private boolean overwrite;

    @Option(
            names = "--pixel-threshold",
            paramLabel = "SCORE",
            description = "Pixels that score so much or more are defective (default: the calibrated one).")
    private Double pixelThreshold;

    @Option(
            names = "--precision",
            paramLabel = "TYPE",
            defaultValue = "auto",
            description = "float32, bf16, int8 (a calibrated checkpoint, CPU) or " + "auto (default).")
    private Precision precision;

    @Mixin
    private BatchChoice batch;

    @Mixin
    private DeviceChoice device;

    DataSubmitCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        int images = batch.images();
        if (pixelThreshold != null && !Double.isFinite(pixelThreshold)) {
            throw new InvalidInputException(
                    "--pixel-threshold " + pixelThreshold + " is no score: choose a number, usually 0 to 1");
        }
        Path file = checkpoint.file();
        try (AnomalyDetector detector = AnomalyDetector.load(
                file, device.detectorOptions().withPrecision(precision).withBatch(images))) {
            double threshold = pixelThreshold == null
                    ? detector.card().thresholds(precision).pixelThreshold()
                    : pixelThreshold;
            if (Double.isNaN(threshold)) {
                throw new InvalidInputException(
                        file + " has no pixel threshold: run  diffusionad calibrate --unseen  with good images, or add "
                                + "--pixel-threshold SCORE");
            }
            Path object = Files.isDirectory(data.resolve("test_private"))
                    ? data
                    : data.resolve(detector.card().category());
            MvtecAd2Submission submission = new MvtecAd2Submission(object, out);
            List<Path> pictures = submission.pictures();
            if (submission.isBegun() && !overwrite) {
                throw new InvalidInputException(out + " holds results of " + object.getFileName()
                        + ": choose another --out, or add --overwrite");
            }
            int failed = write(detector, submission, pictures, threshold, images);
            console.print("%s", out);
            if (failed > 0) {
                console.note(
                        "%d of %d pictures could not be read: the server refuses a submission without them",
                        failed, pictures.size());
                return ExitCode.PARTLY;
            }
            console.note(
                    "%s",
                    submission.missing().isEmpty()
                            ? "all objects are there"
                            : "the server also wants: " + String.join(", ", submission.missing()));
        }
        return ExitCode.OK;
    }

    /** @return how many pictures could not be read */
    private int write(
            AnomalyDetector detector, MvtecAd2Submission submission, List<Path> pictures, double threshold, int images)
            throws IOException {
        int failed = 0;
        try (Progress progress = console.progress("submit", "picture", pictures.size())) {
            for (int from = 0; from < pictures.size(); from += images) {
                ReadablePictures part = ReadablePictures.of(
                        pictures.subList(from, Math.min(from + images, pictures.size())), detector::read);
                part.problems().values().forEach(problem -> console.err().println("error: " + problem));
                console.err().flush();
                failed += part.problems().size();
                List<Detection> detections = detector.detect(part.images());
                for (int i = 0; i < detections.size(); i++) {
                    Detection detection = detections.get(i);
                    float[] map = detection.scoreMapAtOriginalSize();
                    boolean[] marked = new boolean[map.length];
                    for (int p = 0; p < map.length; p++) {
                        marked[p] = map[p] >= threshold;
                    }
                    submission.write(part.files().get(i), detection.width(), detection.height(), map, marked);
                }
                progress.at(Math.min(from + images, pictures.size()));
            }
        }
        return failed;
    }
}
