package io.diffusionad.app.report;

import io.diffusionad.image.GreyImage;
import io.diffusionad.image.HeatMap;
import io.diffusionad.image.Overlay;
import io.diffusionad.image.RgbImage;

/**
 * The ten panels that show how a decision came about (SPEC §9): input, truth, the two noisings and the erased image
 * noised again; below them the heat map over the input (stretched picture by picture, as the reference draws it), the
 * raw score map, and the reconstructions at the small scale, at the big scale, and guided.
 *
 * @param width pixels of every panel's source
 * @param height pixels of every panel's source
 * @param input (H, W, 3) in [0, 1], like all colour panels; values outside are clamped for display
 * @param truth (H, W) true where anomalous, or null if unknown
 * @param scoreMap (H, W) in [0, 1]
 * @param xtSmall x_s; @param xtBig x_b; @param xtRenoised x̃_s; @param x0Small; @param x0Big; @param x0Guided (H, W, 3)
 *     each
 */
public record ReconstructionSheet(
        int width,
        int height,
        float[] input,
        boolean[] truth,
        float[] scoreMap,
        float[] xtSmall,
        float[] xtBig,
        float[] xtRenoised,
        float[] x0Small,
        float[] x0Big,
        float[] x0Guided) {
    private static final int GREEN = 0x20E060;
    /** Pictures of fewer pixels are drawn enlarged, so that panels can be seen and their labels read. */
    private static final int SMALLEST_PANEL = 160;

    /** @param title e.g. file, score and decision */
    public RgbImage render(String title) {
        RgbImage image = picture(input);
        RgbImage heat = HeatMap.overlay(image, HeatMap.of(scoreMap, width, height));
        int scale = (SMALLEST_PANEL + width - 1) / width;
        return new ContactSheet(title, 5, scale * width, scale * height)
                .add("input", truth == null ? image : Overlay.contour(image, truth, GREEN))
                .add(
                        truth == null ? "truth unknown" : "truth",
                        Overlay.mask(truth == null ? new boolean[width * height] : truth, width, height))
                .add("noised, small scale", picture(xtSmall))
                .add("noised, big scale", picture(xtBig))
                .add("erased, noised again", picture(xtRenoised))
                .add("heat map", heat)
                .add("score map", GreyImage.fromFloats(width, height, scoreMap))
                .add("reconstruction, small", picture(x0Small))
                .add("reconstruction, big", picture(x0Big))
                .add("reconstruction, guided", picture(x0Guided))
                .render();
    }

    private RgbImage picture(float[] values) {
        return RgbImage.fromFloats(width, height, values);
    }
}
