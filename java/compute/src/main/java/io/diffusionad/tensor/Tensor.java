package io.diffusionad.tensor;

import java.util.Arrays;

/**
 * A dense row-major array on a device; activations are NHWC, convolution weights KRSC. It owns nothing: its
 * {@link Arena} does, and {@link #address()} throws once the arena has released it, or the contents were discarded.
 * Immutable apart from its contents.
 */
public final class Tensor {
    private final Arena owner;
    private final int index;
    private final long serial;
    private final long address;
    private final DType dtype;
    private final int[] dims;
    private final long elements;
    private boolean discarded;

    Tensor(Arena owner, int index, long serial, long address, DType dtype, int[] dims) {
        this.owner = owner;
        this.index = index;
        this.serial = serial;
        this.address = address;
        this.dtype = dtype;
        this.dims = dims;
        this.elements = elements(dims);
    }

    /** The first byte, in the device's address space. */
    public long address() {
        checkLive();
        checkContents();
        return address;
    }

    /**
     * Gives the memory under a whole tensor back to the system while its place stays allocated: whoever asks for its
     * address or a view from here on gets an error.
     */
    void discard() {
        owner.discard(address(), bytes());
        discarded = true;
    }

    /**
     * Leaves the memory to whoever puts something else there: as after {@link #discard()}, whoever asks for it gets an
     * error.
     */
    void handOver() {
        discarded = true;
    }

    private void checkContents() {
        if (discarded) {
            throw new IllegalStateException(this + " of arena " + owner.name()
                    + " was released once another form had taken its place: load the checkpoint again to read it");
        }
    }

    public void checkLive() {
        if (!owner.isLive(index, serial)) {
            throw new IllegalStateException(this + " was used after arena " + owner.name() + " released it");
        }
    }

    public Arena owner() {
        return owner;
    }

    public DType dtype() {
        return dtype;
    }

    public int rank() {
        return dims.length;
    }

    public int dim(int axis) {
        return dims[axis];
    }

    public int[] dims() {
        return dims.clone();
    }

    public long elements() {
        return elements;
    }

    public long bytes() {
        return elements * dtype.bytes();
    }

    public boolean hasShape(int... expected) {
        return Arrays.equals(dims, expected);
    }

    public boolean sameShape(Tensor other) {
        return Arrays.equals(dims, other.dims);
    }

    /** Samples {@code from} (inclusive) to {@code to} (exclusive) of the first dimension, sharing memory. */
    public Tensor slice(int from, int to) {
        checkContents();
        if (from < 0 || to > dims[0] || from >= to) {
            throw new IllegalArgumentException("slice [" + from + ", " + to + ") of " + this);
        }
        int[] part = dims.clone();
        part[0] = to - from;
        return new Tensor(owner, index, serial, address + elements / dims[0] * from * dtype.bytes(), dtype, part);
    }

    /** The same elements under another shape. */
    public Tensor reshape(int... shape) {
        return view(0, elements, shape);
    }

    /**
     * {@code elements(shape)} elements from flat position {@code offset} on, sharing memory: how parameters lie in
     * their slab.
     */
    public Tensor view(long offset, int... shape) {
        return view(offset, elements(shape), shape);
    }

    private Tensor view(long offset, long count, int[] shape) {
        checkContents();
        if (elements(shape) != count || offset < 0 || offset + count > elements) {
            throw new IllegalArgumentException(
                    "view at " + offset + " as " + Arrays.toString(shape) + " does not fit " + this);
        }
        return new Tensor(owner, index, serial, address + offset * dtype.bytes(), dtype, shape.clone());
    }

    /** Product of the dimensions in 64 bits; an empty shape is a scalar. */
    public static long elements(int... dims) {
        long product = 1;
        for (int dim : dims) {
            if (dim <= 0) {
                throw new IllegalArgumentException("dimensions must be positive: " + Arrays.toString(dims));
            }
            product = Math.multiplyExact(product, (long) dim);
        }
        return product;
    }

    @Override
    public String toString() {
        return dtype.name().toLowerCase(java.util.Locale.ROOT)
                + Arrays.toString(dims).replace(" ", "");
    }
}
