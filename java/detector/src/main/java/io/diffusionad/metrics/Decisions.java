package io.diffusionad.metrics;

/**
 * How decisions at the calibrated threshold compare with the truth.
 *
 * @param threshold images that score above it are called defective
 * @param falseAlarms good images that were called defective, of all good ones
 * @param misses defective images that were called good, of all defective ones
 */
public record Decisions(double threshold, Rate falseAlarms, Rate misses) {}
