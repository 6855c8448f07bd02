package io.diffusionad.data;

/** How a data set's folders are arranged (SPEC §2). */
public enum DatasetLayout {
    /** {@code <category>/train/good}, {@code test/<good or defect>}, {@code ground_truth/<defect>}: MVTec AD, MPDD, DAGM, VisA's one-class split, and your own. */
    MVTEC("MVTec"),
    /** {@code <category>/Data/Images/{Normal,Anomaly}}, {@code Data/Masks/Anomaly}, {@code split_csv/1cls.csv}. */
    VISA_PUBLISHED("VisA as published"),
    /** Images of good parts in one folder, nothing else. */
    FOLDER("plain folder");

    private final String title;

    DatasetLayout(String title) {
        this.title = title;
    }

    public String title() {
        return title;
    }
}
