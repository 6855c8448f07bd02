/**
 * How good a detector is: threshold-free ranking metrics over images and pixels, region overlap, and the decision
 * threshold. Plain arithmetic, no device.
 */
package io.diffusionad.metrics;
