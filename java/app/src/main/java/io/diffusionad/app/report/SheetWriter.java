package io.diffusionad.app.report;

import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.detect.Panels;
import io.diffusionad.evaluate.ImageResult;
import io.diffusionad.image.PngWriter;
import io.diffusionad.image.RgbImage;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Writes the ten-panel sheets of the first images of every kind. */
final class SheetWriter {
    private final Path folder;
    private final int mostPerKind;
    private final DetectionPipeline pipeline;
    private final Map<String, Integer> written = new HashMap<>();

    SheetWriter(Path folder, int mostPerKind, DetectionPipeline pipeline) {
        this.folder = folder;
        this.mostPerKind = mostPerKind;
        this.pipeline = pipeline;
    }

    void write(String label, ImageResult result, ReportImage image) {
        if (written.merge(image.kind(), 1, Integer::sum) > mostPerKind) {
            return;
        }
        RgbImage input = result.sample().image();
        float[] values = input.toFloats();
        Panels p = pipeline.panels(List.of(values)).get(0);
        ReconstructionSheet sheet = new ReconstructionSheet(
                input.width(),
                input.height(),
                values,
                result.sample().mask(),
                p.scoreMap(),
                p.xtSmall(),
                p.xtBig(),
                p.xtRenoised(),
                p.x0Small(),
                p.x0Big(),
                p.x0Guided());
        String stem = result.file().image().getFileName().toString().replaceFirst("\\.[^.]+$", "");
        String file = label.replaceAll("[^A-Za-z0-9._-]+", "-") + "-" + image.kind() + "-" + stem + ".png";
        PngWriter.writeResult(
                folder.resolve(file),
                sheet.render(image.name() + "  score " + image.scoreText() + "  " + image.decision()));
    }
}
