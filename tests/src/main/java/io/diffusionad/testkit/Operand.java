package io.diffusionad.testkit;

import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

/**
 * One tensor of an {@link OperationCase}.
 *
 * @param values what it holds before the operation; for a pure output or scratch, ignored (it starts as NaN)
 */
public record Operand(String name, Role role, Kind kind, int[] shape, Values values) {
    /** Whether an operation reads it, writes it, or both; scratch is for the preparation alone. */
    public enum Role {
        INPUT,
        OUTPUT,
        UPDATED,
        SCRATCH;

        boolean isRead() {
            return this == INPUT || this == UPDATED;
        }

        boolean isWritten() {
            return this == OUTPUT || this == UPDATED;
        }
    }

    /** Which element types an operand can have, and how it lies in memory. */
    public enum Kind {
        /** Of the case's precision; samples may be a slice of a larger batch. */
        ACTIVATION,
        /** float32 in every precision; otherwise like an activation. */
        FLOAT32,
        /** float32, at any element offset of a slab. */
        PARAMETER,
        INT64,
        UINT8,
        /**
         * uint8 that stands for an activation ({@link io.diffusionad.ops.Quantization}): results may round to either
         * side.
         */
        QUANTIZED;

        DType type(DType precision) {
            return switch (this) {
                case ACTIVATION -> precision;
                case FLOAT32, PARAMETER -> DType.FLOAT32;
                case INT64 -> DType.INT64;
                case UINT8, QUANTIZED -> DType.UINT8;
            };
        }
    }

    int elements() {
        return Math.toIntExact(Tensor.elements(shape));
    }
}
