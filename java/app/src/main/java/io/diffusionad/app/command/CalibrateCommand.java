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
import io.diffusionad.evaluate.Int8Calibrator;
import io.diffusionad.settings.Int8Calibration;
import io.diffusionad.settings.ModelCard;
import io.diffusionad.settings.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code calibrate}: prepares a checkpoint for int8. */
@Command(name = "calibrate", sortOptions = false,
        description = {"Measures on good images what a checkpoint needs to run with --precision int8, and writes it into the checkpoint.",
            "Training does this by itself on a CPU with AVX2; this is for checkpoints from elsewhere. The thresholds for int8 are",
            "those of the images given here: best are good images that were not trained on."},
        footer = {"", "Example:", "  diffusionad calibrate --checkpoint runs/bottle --data mvtec/bottle"})
final class CalibrateCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private CheckpointChoice checkpoint;

    @Mixin
    private DataOptions data;

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
        Path file = checkpoint.file();
        try (Device opened = device.open(); Checkpoint.Loaded loaded = Checkpoint.load(file, opened)) {
            ModelCard card = loaded.card();
            DetectorModel model = loaded.model();
            try (DetectionPipeline pipeline = new DetectionPipeline(opened, model.unet(), model.segmentation(), card.model().diffusion(),
                    Precision.INT8.on(opened), DetectionPipeline.DEFAULT_SEED)) {
                List<TrainingSample> good = GoodImages.samples(TrainingImages.load(GoodImages.some(category.train()), card.model().preparation(), card.model().imageSize()));
                Int8Calibration measured;
                try (Progress progress = console.progress("calibrate", "image", good.size())) {
                    measured = Int8Calibrator.calibrate(pipeline, List.of(), good, images, progress::at);
                }
                Checkpoint.writeModel(file, card.withInt8(measured), model);
                console.print("%s: calibrated for int8 on %d good images, threshold %.4f (in floating-point, by training, %.4f)", file, good.size(),
                        measured.thresholds().threshold(), card.calibration().threshold());
            }
        }
        return ExitCode.OK;
    }
}
