package io.diffusionad.metrics;

/**
 * One kind of defect against all good images.
 *
 * @param images images of this kind
 * @param detected how many of them were called defective; null without a threshold
 * @param metrics over these and all good images
 */
public record KindMetrics(int images, Rate detected, MetricSet metrics) {}
