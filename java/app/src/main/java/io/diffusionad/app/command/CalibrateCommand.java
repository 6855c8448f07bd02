package io.diffusionad.app.command;

import io.diffusionad.app.console.Console;
import io.diffusionad.app.console.ExitCode;
import io.diffusionad.app.console.Progress;
import io.diffusionad.app.run.GoodImages;
import io.diffusionad.checkpoint.Checkpoint;
import io.diffusionad.checkpoint.DetectorModel;
import io.diffusionad.data.Category;
import io.diffusionad.data.TrainingImages;
import io.diffusionad.data.TrainingSample;
import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.device.Device;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.evaluate.Calibrator;
import io.diffusionad.evaluate.Int8Calibrator;
import io.diffusionad.evaluate.SampleScorer;
import io.diffusionad.evaluate.ScoredSample;
import io.diffusionad.evaluate.ValidationSet;
import io.diffusionad.metrics.DecisionThreshold;
import io.diffusionad.settings.ModelCard;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.settings.Precision;
import io.diffusionad.tensor.DType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

/** {@code calibrate}: prepares a checkpoint for int8, and places its thresholds anew. */
@Command(
        name = "calibrate",
        sortOptions = false,
        description = {
            "Measures on good images what a checkpoint needs to run with --precision int8, and writes it into the checkpoint.",
            "Training does this by itself on a CPU with AVX2; this is for checkpoints from elsewhere.",
            "With --unseen, good images that were not trained on place the thresholds of every precision and promise their",
            "rate of false alarms. So do the images that a data set brings for validation."
        },
        footer = {
            "",
            "Examples:",
            "  diffusionad calibrate --checkpoint runs/bottle --data mvtec/bottle",
            "  diffusionad calibrate --checkpoint runs/bottle --data this-week-good --unseen --false-alarms 0.01"
        })
final class CalibrateCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private CheckpointChoice checkpoint;

    @Mixin
    private DataOptions data;

    @Option(
            names = "--unseen",
            description = "The images were not trained on: they place the thresholds of every precision.")
    private boolean unseen;

    @Mixin
    private FalseAlarmChoice falseAlarms;

    @Mixin
    private BatchChoice batch;

    @Mixin
    private DeviceChoice device;

    CalibrateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        int images = batch.images();
        Category category = data.onlyCategory();
        boolean promising = unseen || !category.validation().isEmpty();
        Path file = checkpoint.file();
        try (Device opened = device.open();
                Checkpoint.Loaded loaded = Checkpoint.load(file, opened)) {
            ModelCard card = loaded.card();
            DetectorModel model = loaded.model();
            double rate = falseAlarms
                    .rate()
                    .orElse(
                            Double.isNaN(card.calibration().rate())
                                    ? DecisionThreshold.DEFAULT_RATE
                                    : card.calibration().rate());
            List<TrainingSample> good = good(category, promising, card.model());
            requirePurpose(promising, opened, card);
            // As detect computes by default, and training too.
            DType activations = Precision.AUTO.on(opened);
            ModelCard measured = card;
            try (DetectionPipeline pipeline = new DetectionPipeline(
                            opened,
                            model.unet(),
                            model.segmentation(),
                            card.model().diffusion(),
                            activations,
                            DetectionPipeline.DEFAULT_SEED);
                    Progress progress = console.progress("calibrate", "image", 2L * good.size())) {
                List<ScoredSample> scored = promising || card.frames().isAny()
                        ? new SampleScorer(pipeline, images).score(good, progress::at)
                        : List.of();
                if (!scored.isEmpty()) {
                    measured = measured.toBuilder()
                            .frames(Calibrator.frames(scored, List.of()))
                            .build();
                }
                if (promising) {
                    measured = measured.withCalibration(Calibrator.calibrate(scored, List::of, rate));
                }
                if (opened.computesInt8()) {
                    measured = measured.withInt8(Int8Calibrator.calibrate(
                            pipeline,
                            promising ? good : List.of(),
                            promising ? List.of() : good,
                            rate,
                            images,
                            done -> progress.at(good.size() + done)));
                }
            }
            Checkpoint.writeModel(file, measured, model);
            console.print(
                    "%s: calibrated on %d good images, threshold %.4f: %s",
                    file,
                    good.size(),
                    measured.calibration().threshold(),
                    measured.calibration().promise());
            if (measured.int8().isPresent()) {
                console.print(
                        "%s: for int8, threshold %.4f: %s",
                        file,
                        measured.int8().thresholds().threshold(),
                        measured.int8().thresholds().promise());
            }
        }
        return ExitCode.OK;
    }

    /**
     * Images that were trained on prepare int8, and say what frames of the part look like where that is unknown;
     * nothing else.
     */
    private static void requirePurpose(boolean promising, Device device, ModelCard card) {
        if (!promising && !device.computesInt8() && !card.frames().isAny()) {
            throw new InvalidInputException(
                    "images that were trained on only prepare int8, which needs a CPU with AVX2 and not "
                            + device.name()
                            + ": add --unseen for good images that were not trained on, or choose another --device");
        }
    }

    private static List<TrainingSample> good(Category category, boolean promising, ModelSettings model) {
        List<Path> files = category.validation().isEmpty() ? category.train() : category.validation();
        List<Path> chosen = promising
                ? files.subList(0, Math.min(ValidationSet.MOST_CALIBRATING, files.size()))
                : GoodImages.some(files);
        TrainingImages images = TrainingImages.load(chosen, model.preparation(), model.imageSize());
        return images.good(0, images.count());
    }
}
