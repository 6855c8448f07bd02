package io.diffusionad.app.report;

import java.util.Locale;

/**
 * What a page shows of one evaluated picture.
 *
 * @param id of its card
 * @param name kind and file
 * @param kind "good", or the defect's name
 * @param anomalous the truth
 * @param score of the whole picture
 * @param threshold NaN when nothing is decided
 * @param pictures number of the first of its three in the {@link PictureStore}
 */
record ReportImage(
        String id, String name, String kind, boolean anomalous, double score, double threshold, int pictures) {
    boolean isDecided() {
        return !Double.isNaN(threshold);
    }

    boolean calledDefective() {
        return score > threshold;
    }

    boolean isFalseAlarm() {
        return isDecided() && !anomalous && calledDefective();
    }

    boolean isMissed() {
        return isDecided() && anomalous && !calledDefective();
    }

    boolean isWrong() {
        return isFalseAlarm() || isMissed();
    }

    /** "ok" or "defective"; empty when nothing is decided. */
    String decision() {
        return !isDecided() ? "" : calledDefective() ? "defective" : "ok";
    }

    String scoreText() {
        return String.format(Locale.ROOT, "%.4f", score);
    }
}
