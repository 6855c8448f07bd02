package io.diffusionad.data.mask;

import io.diffusionad.data.MaskThreshold;

/**
 * What the user says about masks.
 *
 * @param threshold the reference's rule, or ours
 */
public record MaskOptions(MaskThreshold threshold) {
    public static final MaskOptions DEFAULT = new MaskOptions(MaskThreshold.HALF);
}
