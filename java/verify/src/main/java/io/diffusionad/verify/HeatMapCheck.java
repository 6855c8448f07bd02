package io.diffusionad.verify;

import io.diffusionad.image.GaussianBlur;
import io.diffusionad.image.HeatMap;
import io.diffusionad.image.RgbImage;
import io.diffusionad.io.HostTensor;

import java.io.IOException;

/** Heat maps: the smoothed map, the jet table, its colours, and the overlay on the image. */
final class HeatMapCheck implements Check {
    /** Two passes of a Gaussian of σ = 4 over 33 values. */
    private static final int BLUR_TERMS = 66;

    @Override
    public boolean accepts(GoldenFile file) {
        return file.has("map", "gaussian4") || file.has("jet_table_rgb");
    }

    @Override
    public void run(GoldenFile file, Replay replay) throws IOException {
        if (file.has("jet_table_rgb")) {
            PictureRule.add(
                    replay,
                    file,
                    "jet table",
                    HeatMap.jet(),
                    file.tensor("jet_table_rgb").toBytes());
        }
        if (!file.has("map", "gaussian4")) {
            return;
        }
        HostTensor map = file.tensor("map");
        if (map.shape().length != 2) {
            throw file.invalid("the map is " + map + " instead of (H, W)");
        }
        int width = map.shape()[1];
        int height = map.shape()[0];
        float[] blurred = GaussianBlur.blur(map.toFloats(), width, height, HeatMap.SIGMA);
        replay.add(
                file,
                "smoothed map",
                Errors.relativeL2(blurred, file.floats("gaussian4")),
                RoundingModel.float32Sum(BLUR_TERMS).forward());
        RgbImage colours = HeatMap.of(map.toFloats(), width, height);
        if (file.has("jet_rgb")) {
            PictureRule.add(
                    replay,
                    file,
                    "colours",
                    colours.rgb(),
                    PictureRule.rgb(file, "jet_rgb").rgb());
        }
        if (file.has("image", "overlay_rgb")) {
            PictureRule.add(
                    replay,
                    file,
                    "overlay",
                    HeatMap.overlay(PictureRule.rgb(file, "image"), colours).rgb(),
                    PictureRule.rgb(file, "overlay_rgb").rgb());
        }
    }
}
