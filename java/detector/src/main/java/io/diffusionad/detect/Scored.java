package io.diffusionad.detect;

/**
 * What a pipeline makes of one image.
 *
 * @param scoreMap (H, W) in [0, 1]: the probability of every pixel to be anomalous
 * @param residual mean absolute difference between the image and its reconstruction
 */
public record Scored(float[] scoreMap, double residual) {}
