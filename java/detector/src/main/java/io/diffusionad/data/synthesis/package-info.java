/**
 * Synthetic anomalies for training (SPEC §4): where they lie (noise, foreground), what they look like (textures,
 * shuffled image), how they are blended in.
 */
package io.diffusionad.data.synthesis;
