package io.diffusionad.data;

import java.nio.file.Path;

/**
 * One file of a test set.
 *
 * @param image the picture
 * @param kind "good", or the defect's name
 * @param anomalous the truth about the whole image
 * @param mask its ground truth, or null if there is none (always for good images)
 */
public record TestImage(Path image, String kind, boolean anomalous, Path mask) { }
