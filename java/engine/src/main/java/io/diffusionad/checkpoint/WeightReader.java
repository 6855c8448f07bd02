package io.diffusionad.checkpoint;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.io.ElementType;
import io.diffusionad.io.SafeTensorsReader;
import io.diffusionad.nn.ParameterStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Reads the parameters of networks from a checkpoint, some rows of a tensor at a time, through buffers that stay in the processor's caches: whole tensors would
 * take three times their size of the Java heap. Refuses what does not fit or is not finite. One use, one thread.
 */
final class WeightReader {
    private static final int ELEMENTS_AT_ONCE = 1 << 16;

    private final SafeTensorsReader reader;
    private ByteBuffer bytes = ByteBuffer.allocateDirect(0);
    private float[] values = {};
    private float[] scratch = {};

    WeightReader(SafeTensorsReader reader) {
        this.reader = reader;
    }

    /** Fills every entry of a network. @param prefix of its names in the file */
    void readInto(ParameterStore store, String prefix) throws IOException {
        for (String name : store.names()) {
            int[] shape = store.referenceShape(name);
            if (shape.length > 0 && reader.type(prefix + name) == ElementType.F32) {
                requireShape(prefix + name, shape);
                readRows(store, prefix, name, shape);
            } else {
                store.importReference(name, readWhole(prefix + name, shape));
            }
        }
    }

    /** A tensor of any element type, in reference order. */
    float[] readWhole(String name, int[] shape) throws IOException {
        requireShape(name, shape);
        float[] all = reader.tensor(name).toFloats();
        requireFinite(name, all, all.length);
        return all;
    }

    private void readRows(ParameterStore store, String prefix, String name, int[] shape) throws IOException {
        int rowElements = 1;
        for (int axis = 1; axis < shape.length; axis++) {
            rowElements *= shape[axis];
        }
        int most = Math.min(shape[0], Math.max(1, ELEMENTS_AT_ONCE / rowElements));
        reserve(most * rowElements);
        for (int row = 0; row < shape[0]; row += most) {
            int rows = Math.min(most, shape[0] - row);
            int count = rows * rowElements;
            reader.read(prefix + name, (long) row * rowElements * Float.BYTES, bytes.clear().limit(count * Float.BYTES));
            bytes.flip().asFloatBuffer().get(values, 0, count);
            requireFinite(prefix + name, values, count);
            store.importReferenceRows(name, row, rows, values, scratch);
        }
    }

    private void reserve(int elements) {
        if (values.length < elements) {
            bytes = ByteBuffer.allocateDirect(elements * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            values = new float[elements];
            scratch = new float[elements];
        }
    }

    private void requireShape(String name, int[] shape) throws IOException {
        if (!Arrays.equals(reader.shape(name), shape)) {
            throw new InvalidInputException(reader.file() + " is of another architecture than its own description: tensor " + name + " is "
                    + Arrays.toString(reader.shape(name)) + ", not " + Arrays.toString(shape) + "; use the file as train wrote it");
        }
    }

    private void requireFinite(String name, float[] array, int count) {
        for (int i = 0; i < count; i++) {
            if (!Float.isFinite(array[i])) {
                throw new InvalidInputException(reader.file() + " is damaged: tensor " + name + " holds " + array[i]
                        + "; use an earlier checkpoint or train again");
            }
        }
    }
}
