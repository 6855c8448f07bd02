package io.diffusionad.benchmarks.peer;

/**
 * How LibTorch computes our networks: the memory format, and whether layer by layer or as frozen TorchScript modules,
 * which are for inference alone.
 */
public enum TorchVariant {
    CHANNELS_LAST("channels-last", true, false),
    CONTIGUOUS("contiguous", false, false),
    FROZEN_CHANNELS_LAST("frozen, channels-last", true, true);

    private final String label;
    private final boolean channelsLast;
    private final boolean frozen;

    TorchVariant(String label, boolean channelsLast, boolean frozen) {
        this.label = label;
        this.channelsLast = channelsLast;
        this.frozen = frozen;
    }

    /** Its name in results. */
    public String label() {
        return label;
    }

    public boolean isChannelsLast() {
        return channelsLast;
    }

    public boolean isFrozen() {
        return frozen;
    }
}
