package io.diffusionad.backend.cpu;

import io.diffusionad.ops.OpException;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import java.util.Arrays;
import java.util.Locale;

/** What keeps native code from reading beyond a tensor: cheap checks of type and shape before every call. */
final class Operands {
    private Operands() {}

    /** The address, 0 for null. */
    static long address(Tensor tensor) {
        return tensor == null ? 0 : tensor.address();
    }

    /** The type as native code counts it. */
    static int type(Tensor tensor) {
        return tensor.dtype().ordinal();
    }

    /** A float32 or bfloat16 (N, H, W, C). */
    static void image(String operation, String name, Tensor tensor) {
        floating(operation, name, tensor);
        if (tensor.rank() != 4) {
            throw fail(operation, name + " must be (N, H, W, C), not " + tensor);
        }
    }

    /** A uint8 (N, H, W, C). */
    static void bytes(String operation, String name, Tensor tensor) {
        present(operation, name, tensor);
        if (tensor.dtype() != DType.UINT8 || tensor.rank() != 4) {
            throw fail(operation, name + " must be uint8 (N, H, W, C), not " + tensor);
        }
    }

    static void floating(String operation, String name, Tensor tensor) {
        present(operation, name, tensor);
        if (tensor.dtype() != DType.FLOAT32 && tensor.dtype() != DType.BFLOAT16) {
            throw fail(operation, name + " must be float32 or bfloat16, not " + tensor);
        }
    }

    /** The shape and type of another operand. */
    static void like(String operation, String name, Tensor tensor, Tensor other) {
        present(operation, name, tensor);
        if (!tensor.sameShape(other) || tensor.dtype() != other.dtype()) {
            throw fail(operation, name + " is " + tensor + " where " + other + " is needed");
        }
    }

    /** The given type and shape. */
    static void exactly(String operation, String name, Tensor tensor, DType dtype, int... dims) {
        present(operation, name, tensor);
        if (tensor.dtype() != dtype || !tensor.hasShape(dims)) {
            throw fail(operation, name + " is " + tensor + " where " + dtype + Arrays.toString(dims) + " is needed");
        }
    }

    /** Float32 with {@code count} elements, whatever the shape. */
    static void floats(String operation, String name, Tensor tensor, long count) {
        present(operation, name, tensor);
        if (tensor.dtype() != DType.FLOAT32 || tensor.elements() != count) {
            throw fail(operation, name + " is " + tensor + " where float32 of " + count + " elements is needed");
        }
    }

    /** {@link #floats}, or null. */
    static void optionalFloats(String operation, String name, Tensor tensor, long count) {
        if (tensor != null) {
            floats(operation, name, tensor, count);
        }
    }

    /** @param otherwise a format for the arguments: the sentence is only made where it is needed */
    static void require(String operation, boolean holds, String otherwise, Object... arguments) {
        if (!holds) {
            throw fail(operation, String.format(Locale.ROOT, otherwise, arguments));
        }
    }

    private static void present(String operation, String name, Tensor tensor) {
        if (tensor == null) {
            throw fail(operation, name + " is missing");
        }
    }

    private static OpException fail(String operation, String message) {
        return new OpException(operation + ": " + message);
    }
}
