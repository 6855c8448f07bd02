/**
 * The ten picture augmentations of the synthetic anomalies (SPEC §4.4), with the arithmetic of imgaug, PIL and OpenCV,
 * which the reference uses: each a pure function of an 8-bit image and explicit parameters.
 */
package io.diffusionad.data.augment;
