package io.diffusionad.tensor;

/** Element types. {@link #BFLOAT16} is storage only: every operation accumulates in float32. */
public enum DType {
    FLOAT32(4),
    BFLOAT16(2),
    INT64(8),
    UINT8(1);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** Size of one element in bytes. */
    public int bytes() {
        return bytes;
    }
}
