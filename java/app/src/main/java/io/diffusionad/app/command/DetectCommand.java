package io.diffusionad.app.command;

import io.diffusionad.AnomalyDetector;
import io.diffusionad.Detection;
import io.diffusionad.DetectorOptions;
import io.diffusionad.app.console.Console;
import io.diffusionad.app.console.ExitCode;
import io.diffusionad.app.console.Progress;
import io.diffusionad.app.report.ScoreMapFile;
import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.image.Overlay;
import io.diffusionad.image.PngWriter;
import io.diffusionad.settings.Precision;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;

/** {@code detect}: what a trained detector says about images. */
@Command(
        name = "detect",
        sortOptions = false,
        description = {
            "Looks for defects in images: one JSON line an image on standard output,",
            "and with --out a heat map, the score map and the mask of each."
        },
        footer = {
            "",
            "Examples:",
            "  diffusionad detect --checkpoint runs/bottle query.png",
            "  diffusionad detect --checkpoint runs/bottle --out found --write heatmap,mask,map images/",
            "  diffusionad detect --checkpoint runs/bottle --profile query.png",
            "  diffusionad detect --checkpoint runs/bottle images/ | jq 'select(.decision == \"defective\").file'",
            "",
            "An image that cannot be read costs a line {\"file\", \"error\"}; the others are done, and the exit code is 3.",
            "The same image gets the same score whenever and beside whatever others it is computed (one device and precision)."
        })
final class DetectCommand implements Callable<Integer> {
    /** Pictures and data that can be written for each image. */
    enum Output {
        /** NAME-heatmap.png: the scores in colour over the image in grey, blue below the pixel threshold. */
        HEATMAP,
        /** NAME-mask.png: white where the score reaches the calibrated pixel threshold. */
        MASK,
        /** NAME-map.png: the scores at the image's size, 16-bit grey, 65535 = 1. */
        MAP,
        /** NAME-map.npy: the exact scores at the model's size, float32. */
        NPY
    }

    private final Console console;

    @Parameters(
            paramLabel = "IMAGE",
            arity = "1..*",
            description = "Images (PNG, JPEG, TIFF, WebP, BMP, PNM), or folders of them (subfolders included).")
    private List<Path> paths;

    @Mixin
    private CheckpointChoice checkpoint;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FOLDER",
            description = "Where pictures go; without it there are none.")
    private Path out;

    @Option(
            names = "--write",
            split = ",",
            paramLabel = "WHAT",
            description = "heatmap, mask, map (16-bit PNG), npy (exact float32); default: heatmap.")
    private Set<Output> outputs = EnumSet.of(Output.HEATMAP);

    @Mixin
    private DecisionChoice decisions;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "1",
            description = "Images computed at once; changes memory and speed only (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--precision",
            paramLabel = "TYPE",
            defaultValue = "auto",
            description = "float32, bf16, int8 (a calibrated checkpoint, CPU) or auto (default).")
    private Precision precision;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of the noise that images are looked at through (default: ${DEFAULT-VALUE}).")
    private long seed = DetectionPipeline.DEFAULT_SEED;

    @Option(names = "--overwrite", description = "Replace pictures of an earlier detection in --out.")
    private boolean overwrite;

    @Mixin
    private DeviceChoice device;

    @Mixin
    private ProfileChoice profile;

    DetectCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        ImageFiles.Found found = ImageFiles.collect(paths, out);
        if (out != null) {
            OutputFolder.prepare(out, DetectionWriter.FILE, overwrite);
        }
        DetectorOptions options = decisions.applyTo(device.detectorOptions()
                .withPrecision(precision)
                .withBatch(batch)
                .withSeed(seed));
        if (found.results() > 0) {
            console.note("left out: %d pictures that this program made", found.results());
        }
        try (AnomalyDetector detector =
                AnomalyDetector.load(checkpoint.file(), options, profile.measured(device.open()))) {
            decisions.requireDecidable(
                    detector,
                    checkpoint.file(),
                    out != null && (outputs.contains(Output.MASK) || outputs.contains(Output.HEATMAP)));
            return detect(found, detector);
        }
    }

    private int detect(ImageFiles.Found found, AnomalyDetector detector) throws IOException {
        List<ImageFiles.Named> images = found.images();
        try (DetectionWriter writer = new DetectionWriter(console, out);
                Progress progress = console.progress("detect", "image", images.size())) {
            console.note(
                    "%s, trained on %s, threshold %.4f, on %s",
                    checkpoint.file(), detector.card().category(), detector.threshold(), detector.device());
            decisions.tell(console, detector);
            if (profile.asked()) {
                detector.warmUp(); // what a device prepares once is no part of an image's time
                profile.restart();
            }
            for (Map.Entry<Path, String> folder : found.unreadable().entrySet()) {
                writer.failed(folder.getKey(), folder.getValue());
            }
            for (int from = 0; from < images.size(); from += batch) {
                List<ImageFiles.Named> part = images.subList(from, Math.min(from + batch, images.size()));
                detect(part, detector, writer);
                progress.at(from + part.size());
            }
            profile.print(console);
            return exitCode(writer);
        }
    }

    /** Only a batch of pictures is in memory; one that cannot be read costs its own line. */
    private void detect(List<ImageFiles.Named> part, AnomalyDetector detector, DetectionWriter writer)
            throws IOException {
        ReadablePictures pictures =
                ReadablePictures.of(part.stream().map(ImageFiles.Named::file).toList(), detector::read);
        Iterator<Detection> detections = detector.detect(pictures.images()).iterator();
        for (int i = 0; i < part.size(); i++) {
            ImageFiles.Named image = part.get(i);
            String problem = pictures.problems().get(i);
            if (problem != null) {
                writer.failed(image.file(), problem);
            } else {
                writer.detected(describe(image, detections.next()));
            }
        }
    }

    private int exitCode(DetectionWriter writer) {
        if (writer.failedCount() == 0) {
            return ExitCode.OK;
        }
        if (writer.detectedCount() == 0) {
            return ExitCode.BAD_INPUT;
        }
        console.note("%d could not be read, %d are done", writer.failedCount(), writer.detectedCount());
        return ExitCode.PARTLY;
    }

    private Map<String, Object> describe(ImageFiles.Named image, Detection detection) throws IOException {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("file", image.file().toString());
        line.put("score", detection.score());
        decisions.describe(line, detection);
        line.put("width", detection.width());
        line.put("height", detection.height());
        if (out != null) {
            line.put("written", write(image, detection));
        }
        return line;
    }

    private List<String> write(ImageFiles.Named image, Detection detection) throws IOException {
        List<String> written = new ArrayList<>();
        for (Output output : Output.values()) {
            if (outputs.contains(output)) {
                String suffix =
                        switch (output) {
                            case HEATMAP -> "-heatmap.png";
                            case MASK -> "-mask.png";
                            case MAP -> "-map.png";
                            case NPY -> "-map.npy";
                        };
                Path file = out.resolve(image.name() + suffix);
                switch (output) {
                    case HEATMAP -> PngWriter.writeResult(file, detection.heatMap());
                    case MASK ->
                        PngWriter.writeResult(
                                file, Overlay.mask(detection.mask(), detection.width(), detection.height()));
                    case MAP ->
                        ScoreMapFile.writePng16(
                                file, detection.width(), detection.height(), detection.scoreMapAtOriginalSize());
                    case NPY ->
                        ScoreMapFile.writeNpy(file, detection.mapSize(), detection.mapSize(), detection.scoreMap());
                }
                written.add(file.toString());
            }
        }
        return written;
    }
}
