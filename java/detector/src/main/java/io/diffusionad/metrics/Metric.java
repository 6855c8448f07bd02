package io.diffusionad.metrics;

/**
 * What is measured of a detector on a test set; every value lies in [0, 1], and more is better. Definitions:
 * docs/metrics.md.
 */
public enum Metric {
    IMAGE_AUROC("imageAuroc", "image AUROC", "Image-AUROC"),
    IMAGE_AP("imageAp", "image AP", "Image-AP"),
    IMAGE_F1_MAX("imageF1Max", "image F1max", "Image-F1max"),
    /** F1 of the decisions at the calibrated threshold. */
    IMAGE_F1("imageF1", "image F1", "Image-F1-at-threshold"),
    PIXEL_AUROC("pixelAuroc", "pixel AUROC", "Pixel-AUROC"),
    PIXEL_AP("pixelAp", "pixel AP", "Pixel_AP"),
    PIXEL_F1_MAX("pixelF1Max", "pixel F1max", "Pixel-F1max"),
    /** F1 of all pixels at the calibrated pixel threshold. */
    SEG_F1("segF1", "SegF1", "SegF1"),
    /** Area under the exact per-region overlap up to a false-positive rate of 0.3, divided by 0.3. */
    AU_PRO_30("auPro30", "AU-PRO 0.3", "AU-PRO-0.3"),
    /** As {@link #AU_PRO_30} up to 0.05. */
    AU_PRO_05("auPro05", "AU-PRO 0.05", "AU-PRO-0.05"),
    /** Saturated per-region overlap (MVTec LOCO) up to 0.3; only for data sets with saturation thresholds. */
    AU_SPRO_30("auSpro30", "AU-sPRO 0.3", "AU-sPRO-0.3"),
    /** As {@link #AU_SPRO_30} up to 0.05. */
    AU_SPRO_05("auSpro05", "AU-sPRO 0.05", "AU-sPRO-0.05"),
    /** Per-region overlap as the reference computes it: 1,000 thresholds, rescaled. Kept to compare with its tables. */
    REFERENCE_PRO("referencePro", "reference PRO", "Pixel-AUPRO");

    private final String id;
    private final String title;
    private final String column;

    Metric(String id, String title, String column) {
        this.id = id;
        this.title = title;
        this.column = column;
    }

    /** Its name in {@code metrics.json}. */
    public String id() {
        return id;
    }

    /** Its name in tables for people. */
    public String title() {
        return title;
    }

    /** Its column of {@code metrics.csv}. */
    public String column() {
        return column;
    }

    /** Whether it needs masks. */
    public boolean ofPixels() {
        return ordinal() >= PIXEL_AUROC.ordinal();
    }
}
