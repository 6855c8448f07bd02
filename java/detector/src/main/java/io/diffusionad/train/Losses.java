package io.diffusionad.train;

/**
 * What a step minimises: {@code total = noise + 5·focal + smoothL1} with the weights of the settings.
 *
 * @param noise mean squared error of both scales' predicted noise over the normal samples, 0 when there is none
 * @param focal focal loss of the segmentation, unweighted
 * @param smoothL1 smooth L1 loss of the segmentation, unweighted
 */
public record Losses(double total, double noise, double focal, double smoothL1) {
    boolean finite() {
        return Double.isFinite(total);
    }
}
