package io.diffusionad.tensor;

/**
 * A float32 parameter together with a version, so that a backend can keep a packed or narrowed copy and remake it only when the
 * values change. Convolution weights are (K, R, S, C), linear ones (K, C). Whoever writes {@link #value()} calls {@link #changed()}.
 */
public final class Weight {
    private final String name;
    private final Tensor value;
    private volatile long version;

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

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer: the thread that trains
    public void changed() {
        version++;
    }
}
