package io.diffusionad.tensor;

/**
 * A float32 parameter together with a version, so that a backend can keep a packed or narrowed copy and remake it only
 * when the values change. Convolution weights are (K, R, S, C), linear ones (K, C). Whoever writes {@link #value()}
 * calls {@link #changed()}.
 *
 * <p><b>Release:</b> a weight that only forward operations of one type and image size will read from here on may be
 * released: once a device holds a packed copy that serves them all, it gives the memory of the values back to the
 * system, or it puts such a copy there; a weight with a batch normalisation folded in takes the place likewise.
 * {@link #value()} then still tells shape and type; reading it throws.
 */
public final class Weight {
    private final String name;
    private final Tensor value;
    private volatile long version;
    private boolean releasable;
    private boolean released;

    public Weight(String name, Tensor value) {
        if (value.dtype() != DType.FLOAT32) {
            throw new IllegalArgumentException("weight " + name + " must be float32, not " + value);
        }
        this.name = name;
        this.value = value;
    }

    public String name() {
        return name;
    }

    public Tensor value() {
        return value;
    }

    public long version() {
        return version;
    }

    /**
     * Permits {@link #release()}. To be called by the owner of a network that only detects: nothing may read, write or
     * export the values afterwards.
     */
    public void allowRelease() {
        releasable = true;
    }

    /** Whether {@link #release()} is permitted and has not happened yet. */
    public boolean isReleasable() {
        return releasable && !released;
    }

    public boolean isReleased() {
        return released;
    }

    /**
     * Gives the memory of the values back.
     *
     * @throws IllegalStateException when the owner did not permit it
     */
    public void release() {
        requireReleasable();
        if (!released) {
            value.discard();
            released = true;
        }
    }

    /**
     * Leaves the memory of the values to whoever puts another form of them there: like {@link #release()} otherwise.
     *
     * @throws IllegalStateException when the owner did not permit it
     */
    public void handOver() {
        requireReleasable();
        value.handOver();
        released = true;
    }

    private void requireReleasable() {
        if (!releasable) {
            throw new IllegalStateException("weight " + name + " was not given up by its owner");
        }
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer: the thread that trains
    public void changed() {
        if (released) {
            throw new IllegalStateException("weight " + name + " cannot change: its values were released");
        }
        version++;
    }
}
