package io.diffusionad.data.layout;

/**
 * {@code <category>/train/good}, {@code test/<good or defect>}, {@code ground_truth/<defect>/NAME_mask.png}: MVTec AD
 * (Bergmann et al., CVPR 2019), MPDD (Jezek et al., ICUMT 2021), VisA's one-class split, and your own. Several folders
 * of good pictures are one.
 */
final class MvtecLayout extends TrainTestLayout {
    @Override
    public String title() {
        return "MVTec";
    }
}
