package io.diffusionad.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Makes dense tensors of a storage, an offset and strides, all of which come from an untrusted pickle: no element
 * outside its storage is read, and copies (made only for strides that are not row-major) stay below the file's size in
 * total.
 */
final class TorchTensors {
    private static final String REMEDY =
            "it is damaged, or holds a view that must be made contiguous() before torch.save";

    private final Path file;
    private final TorchStorages storages;
    private long copyBudget;

    TorchTensors(Path file, long fileBytes, TorchStorages storages) {
        this.file = file;
        this.storages = storages;
        this.copyBudget = fileBytes;
    }

    /** @param offset first element; @param strides in elements, one a dimension */
    HostTensor rebuild(TorchStorages.Reference storage, long offset, int[] shape, long[] strides) throws IOException {
        long elements = elements(shape);
        int size = storage.type().bytes();
        if (shape.length != strides.length || offset < 0) {
            throw malformed(storage, offset, shape, strides);
        }
        if (elements == 0) {
            return new HostTensor(storage.type(), shape, ByteBuffer.allocate(0));
        }
        if (elements > storage.elements() || lastIndex(storage, offset, shape, strides) >= storage.elements()) {
            throw malformed(storage, offset, shape, strides);
        }
        ByteBuffer bytes = storages.bytes(storage);
        if (isRowMajor(shape, strides)) {
            return new HostTensor(storage.type(), shape, bytes.slice((int) (offset * size), (int) (elements * size)));
        }
        copyBudget -= elements * size;
        if (copyBudget < 0) {
            throw new InvalidFileException(file, "its strided tensors add up to more than the file", REMEDY);
        }
        return new HostTensor(storage.type(), shape, gather(bytes, size, offset, shape, strides, (int) elements));
    }

    private long elements(int[] shape) throws InvalidFileException {
        try {
            return HostTensor.elements(shape);
        } catch (IllegalArgumentException e) {
            throw new InvalidFileException(file, e.getMessage(), REMEDY, e);
        }
    }

    private long lastIndex(TorchStorages.Reference storage, long offset, int[] shape, long[] strides)
            throws InvalidFileException {
        try {
            long last = offset;
            for (int d = 0; d < shape.length; d++) {
                if (strides[d] < 0) {
                    throw malformed(storage, offset, shape, strides);
                }
                last = Math.addExact(last, Math.multiplyExact(shape[d] - 1L, strides[d]));
            }
            return last;
        } catch (ArithmeticException e) {
            throw malformed(storage, offset, shape, strides);
        }
    }

    private static boolean isRowMajor(int[] shape, long[] strides) {
        long expected = 1;
        for (int d = shape.length - 1; d >= 0; d--) {
            if (shape[d] != 1 && strides[d] != expected) {
                return false;
            }
            expected *= shape[d];
        }
        return true;
    }

    private static ByteBuffer gather(
            ByteBuffer source, int size, long offset, int[] shape, long[] strides, int elements) {
        ByteBuffer target = ByteBuffer.allocate(elements * size).order(ByteOrder.LITTLE_ENDIAN);
        int[] index = new int[shape.length];
        long position = offset;
        for (int e = 0; e < elements; e++) {
            target.put(e * size, source, (int) (position * size), size);
            for (int d = shape.length - 1; d >= 0; d--) {
                position += strides[d];
                if (++index[d] < shape[d]) {
                    break;
                }
                position -= strides[d] * shape[d];
                index[d] = 0;
            }
        }
        return target;
    }

    private InvalidFileException malformed(TorchStorages.Reference storage, long offset, int[] shape, long[] strides) {
        return new InvalidFileException(
                file,
                "a tensor of shape " + Arrays.toString(shape) + ", strides " + Arrays.toString(strides) + " and offset "
                        + offset + " does not fit storage '" + storage.key() + "' of " + storage.elements()
                        + " elements",
                REMEDY);
    }
}
