package io.diffusionad.nn;

import java.util.List;

/**
 * The shape of the reconstruction network (SPEC §5).
 *
 * @param imageSize side of the square images it is made for, in pixels; attention sits where {@code imageSize /
 *     resolution} is the downsampling factor
 * @param inChannels channels of its input and output
 * @param baseChannels width of the stem, a multiple of 32
 * @param multipliers width of each level in units of baseChannels; see {@link #levelChannels}
 * @param attentionResolutions sides at which attention is used
 * @param resBlocks residual blocks a level on the way down (one more on the way up)
 * @param heads attention heads; ignored where headChannels is positive
 * @param headChannels channels of a head, or -1 to use {@code heads}
 * @param bigganUpDown whether residual blocks change the resolution, instead of plain convolutions
 * @param dropout probability of dropping an activation; only 0, which the reference uses, is supported
 */
public record UNetConfig(
        int imageSize,
        int inChannels,
        int baseChannels,
        List<Double> multipliers,
        List<Integer> attentionResolutions,
        int resBlocks,
        int heads,
        int headChannels,
        boolean bigganUpDown,
        double dropout) {
    /** Channels are normalised in this many groups everywhere. */
    public static final int GROUPS = 32;

    public UNetConfig {
        multipliers = List.copyOf(multipliers);
        attentionResolutions = List.copyOf(attentionResolutions);
        require(
                !multipliers.isEmpty() && multipliers.stream().allMatch(m -> m > 0 && m <= 1024),
                "channel multipliers must be positive, not " + multipliers);
        require(
                imageSize > 0 && imageSize % deepestFactor(multipliers) == 0,
                "image size " + imageSize + " must be a multiple of " + deepestFactor(multipliers) + " for "
                        + multipliers.size() + " levels: choose such a size or fewer channel multipliers");
        require(inChannels > 0, "the image must have channels, not " + inChannels);
        require(
                baseChannels > 0 && baseChannels % GROUPS == 0,
                "base channels must be a multiple of " + GROUPS + " (normalisation uses " + GROUPS + " groups), not "
                        + baseChannels);
        require(
                attentionResolutions.stream().allMatch(r -> r > 0),
                "attention resolutions must be positive, not " + attentionResolutions);
        require(resBlocks > 0, "a level needs at least one residual block, not " + resBlocks);
        require(headChannels > 0 || heads > 0, "attention needs at least one head, not " + heads);
        require(dropout == 0, "dropout " + dropout + " is not supported: set it to 0, the reference's value");
        int deepest = channels(baseChannels, multipliers.get(multipliers.size() - 1));
        requireHeads(deepest, heads, headChannels);
        for (int level = 0, factor = 1; level < multipliers.size(); level++, factor *= 2) {
            if (isAttentionFactor(imageSize, attentionResolutions, factor)) {
                requireHeads(channels(baseChannels, multipliers.get(level)), heads, headChannels);
            }
        }
    }

    /**
     * The reference's network for an image size: two residual blocks, attention at 32, 16 and 8 pixels, four heads.
     *
     * @throws IllegalArgumentException for a size without multipliers of its own: give them to the constructor
     */
    public static UNetConfig of(int imageSize, int baseChannels) {
        return of(imageSize, baseChannels, defaultMultipliers(imageSize));
    }

    /** As {@link #of(int, int)} with multipliers of one's own, for any image size. */
    public static UNetConfig of(int imageSize, int baseChannels, List<Double> multipliers) {
        return new UNetConfig(imageSize, 3, baseChannels, multipliers, List.of(32, 16, 8), 2, 4, -1, true, 0);
    }

    /** The reference's multipliers for 512, 256, 128, 64 and 32 pixels. */
    public static List<Double> defaultMultipliers(int imageSize) {
        return switch (imageSize) {
            case 512 -> List.of(0.5, 1.0, 1.0, 2.0, 2.0, 4.0, 4.0);
            case 256 -> List.of(1.0, 1.0, 2.0, 2.0, 4.0, 4.0);
            case 128 -> List.of(1.0, 1.0, 2.0, 3.0, 4.0);
            case 64, 32 -> List.of(1.0, 2.0, 3.0, 4.0);
            default ->
                throw new IllegalArgumentException(
                        "image size " + imageSize
                                + " has no default channel multipliers (32, 64, 128, 256 and 512 do): give them, for example 1,2,2,4");
        };
    }

    public int levels() {
        return multipliers.size();
    }

    /**
     * Width of a level: {@code baseChannels · multiplier}, rounded to the nearest multiple of 32, and at least 32, so
     * that the groups of the norms divide it. Whole multipliers are exact; at 512 pixels the reference's 0.5 becomes 64
     * channels for base 128, where the reference itself fails.
     */
    public int levelChannels(int level) {
        return channels(baseChannels, multipliers.get(level));
    }

    /** Size of the time embedding that the blocks see. */
    public int timeChannels() {
        return 4 * baseChannels;
    }

    /** Whether blocks at this downsampling factor (1, 2, 4, …) are followed by attention. */
    public boolean attentionAt(int factor) {
        return isAttentionFactor(imageSize, attentionResolutions, factor);
    }

    /** Heads for a width. */
    public int headsFor(int channels) {
        return headChannels > 0 ? channels / headChannels : heads;
    }

    /** The factor by which the deepest level is smaller; input heights and widths are multiples of it. */
    public int deepestFactor() {
        return deepestFactor(multipliers);
    }

    private static int deepestFactor(List<Double> multipliers) {
        require(multipliers.size() <= 16, "at most 16 levels, not " + multipliers.size());
        return 1 << (multipliers.size() - 1);
    }

    private static int channels(int base, double multiplier) {
        return Math.max(GROUPS, (int) Math.round(base * multiplier / GROUPS) * GROUPS);
    }

    private static boolean isAttentionFactor(int imageSize, List<Integer> resolutions, int factor) {
        return resolutions.stream().anyMatch(resolution -> imageSize / resolution == factor);
    }

    private static void requireHeads(int channels, int heads, int headChannels) {
        if (headChannels > 0) {
            require(
                    channels % headChannels == 0,
                    headChannels + " channels a head do not divide the " + channels
                            + " channels of an attention block: choose a divisor");
        } else {
            require(
                    channels % heads == 0,
                    heads + " heads do not divide the " + channels
                            + " channels of an attention block: choose a divisor");
        }
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
