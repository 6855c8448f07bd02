package io.diffusionad.app.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.diffusionad.evaluate.ImageResult;
import io.diffusionad.image.GreyImage;
import io.diffusionad.image.HeatMap;
import io.diffusionad.image.Overlay;
import io.diffusionad.image.RgbImage;
import io.diffusionad.metrics.ScoredImage;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One model's part of a report in the making: takes its images one after the other and keeps their scores and small
 * pictures. One thread at a time.
 */
public final class ModelReport {
    private static final int TRUTH_COLOR = 0x20E060;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String label;
    private final String id;
    private final ReportSource source;
    private final PictureStore pictures;
    private final SheetWriter sheets;
    private final List<ReportImage> images = new ArrayList<>();
    private final StringBuilder scores = new StringBuilder();

    ModelReport(String label, String id, ReportSource source, PictureStore pictures, SheetWriter sheets) {
        this.label = label;
        this.id = id;
        this.source = source;
        this.pictures = pictures;
        this.sheets = sheets;
    }

    String label() {
        return label;
    }

    /** Takes in the next image. The pipeline must be idle: some images' sheets are computed. */
    public void accept(ImageResult result) throws IOException {
        RgbImage picture = result.sample().placement().inside(result.sample().image()); // what the score map is of
        ScoredImage scored = result.scored();
        boolean[] truth = scored.mask();
        float[] map = scored.scoreMap();
        int first = pictures.add(truth == null ? picture : Overlay.contour(picture, truth, TRUTH_COLOR));
        pictures.add(heat(picture, map));
        pictures.add(
                GreyImage.fromFloats(picture.width(), picture.height(), map).toRgb());
        String kind = result.file().kind();
        ReportImage image = new ReportImage(
                id + "-" + images.size(),
                kind + "/" + result.file().image().getFileName(),
                kind,
                result.file().anomalous(),
                result.score(),
                source.threshold(),
                first);
        images.add(image);
        scores.append(jsonLine(result, image)).append('\n');
        sheets.write(label, result, image);
    }

    private RgbImage heat(RgbImage picture, float[] map) {
        return Double.isNaN(source.pixelThreshold())
                ? HeatMap.overlay(picture, HeatMap.of(map, picture.width(), picture.height()))
                : HeatMap.overGrey(
                        picture, HeatMap.relative(map, picture.width(), picture.height(), source.pixelThreshold()));
    }

    ModelSection section() {
        return new ModelSection(source, images, pictures);
    }

    /** The lines of {@code scores.jsonl}. */
    CharSequence scoreLines() {
        return scores;
    }

    private String jsonLine(ImageResult result, ReportImage image) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("model", label);
        line.put("file", result.file().image().toString());
        line.put("kind", image.kind());
        line.put("anomalous", image.anomalous());
        line.put("score", image.score());
        if (image.isDecided()) {
            line.put("threshold", image.threshold());
            line.put("decision", image.decision());
        }
        result.invalidReason().ifPresent(reason -> {
            line.put("decision", "invalid");
            line.put("reason", reason);
        });
        try {
            return JSON.writeValueAsString(line);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("scores do not become JSON", e);
        }
    }
}
