package io.diffusionad.app.report;

import io.diffusionad.image.HeatMap;
import io.diffusionad.image.RgbImage;

import java.util.Locale;

/** What the colors of heat maps mean. */
final class ColorScale {
    private static final int HALF = 128;

    private ColorScale() {}

    /** @param pixelThreshold NaN where maps are stretched picture by picture */
    static String html(double pixelThreshold) {
        boolean relative = !Double.isNaN(pixelThreshold);
        float[] scores = new float[2 * HALF];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = relative ? score(i, pixelThreshold) : i / (scores.length - 1f);
        }
        RgbImage colors = relative
                ? HeatMap.relative(scores, scores.length, 1, pixelThreshold)
                : HeatMap.colour(scores, scores.length, 1);
        String ends = relative
                ? "<span>0</span><b>pixel threshold " + String.format(Locale.ROOT, "%.4f", pixelThreshold)
                        + "</b><span>1</span>"
                : "<span>lowest score of the picture</span><span>highest</span>";
        String meaning = relative
                ? "Heat maps: blue lies below the threshold; yellow to red belongs to the marked defect. The same colors mean the same scores in every picture."
                : "Heat maps: there is no pixel threshold, so the colors are stretched picture by picture, and every picture has red in it.";
        return "<div class=\"scale\"><img src=\"" + HtmlPage.dataUri(colors)
                + "\" alt=\"color scale of the heat maps\"><div class=\"ends\">" + ends + "</div><p class=\"note\">"
                + meaning + "</p></div>\n";
    }

    /** Evenly up to the threshold, then by equal factors up to 1. */
    private static float score(int position, double threshold) {
        if (position < HALF) {
            return (float) (threshold * position / HALF);
        }
        return (float)
                Math.exp(Math.log(Math.max(threshold, Float.MIN_NORMAL)) * (2.0 * HALF - 1 - position) / (HALF - 1));
    }
}
