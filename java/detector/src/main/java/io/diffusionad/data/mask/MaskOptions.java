package io.diffusionad.data.mask;

import io.diffusionad.data.MaskThreshold;

/**
 * What the user says about masks.
 *
 * @param threshold the reference's rule, or ours
 * @param values which values mark a defect, under our rule
 * @param acceptEmpty whether a mask that marks nothing is the truth about a defective image, rather than a mistake that
 *     withholds pixel metrics
 */
public record MaskOptions(MaskThreshold threshold, MaskValues values, boolean acceptEmpty) {
    public static final MaskOptions DEFAULT = new MaskOptions(MaskThreshold.HALF);

    public MaskOptions(MaskThreshold threshold) {
        this(threshold, MaskValues.AUTO, false);
    }
}
