package io.diffusionad.nn;

/**
 * The shape of the segmentation network (SPEC §6).
 *
 * @param inChannels channels of its input: 6 for an image beside its reconstruction
 * @param outChannels channels of its output: 1
 * @param baseChannels width of the first block; the reference has 64
 */
public record SegmentationConfig(int inChannels, int outChannels, int baseChannels) {
    /** Heights and widths of inputs are multiples of this: there are five poolings by two. */
    public static final int SIZE_MULTIPLE = 32;

    public SegmentationConfig {
        if (inChannels <= 0 || outChannels <= 0 || baseChannels <= 0) {
            throw new IllegalArgumentException("the segmentation network needs positive widths, not " + inChannels
                    + " in, " + outChannels + " out, " + baseChannels + " base channels");
        }
    }

    public static SegmentationConfig of(int baseChannels) {
        return new SegmentationConfig(6, 1, baseChannels);
    }
}
