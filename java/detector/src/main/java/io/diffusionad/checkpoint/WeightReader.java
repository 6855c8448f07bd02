package io.diffusionad.checkpoint;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.io.ElementType;
import io.diffusionad.io.HostTensor;
import io.diffusionad.io.SafeTensorsReader;
import io.diffusionad.io.SafeTensorsSequence;
import io.diffusionad.nn.ParameterStore;
import io.diffusionad.nn.ParameterStore.Slab;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;

/**
 * Reads the parameters of networks from a checkpoint and checks the file, in one pass, some rows of a tensor at a time
 * through a buffer that stays in the processor's caches: whole tensors would take three times their size of the Java
 * heap. Refuses what does not fit or is not finite. One use, one thread.
 */
final class WeightReader {
    private static final int ELEMENTS_AT_ONCE = 1 << 16;

    /** Where a tensor goes. @param entry of the store */
    record Destination(ParameterStore store, Slab slab, String entry) {
        int[] shape() {
            return store.referenceShape(entry);
        }
    }

    private final SafeTensorsReader reader;
    private final SafeTensorsSequence sequence;
    private ByteBuffer bytes = ByteBuffer.allocateDirect(0);

    /** @param acceptUnchecked whether a file without a checksum may be read too */
    WeightReader(SafeTensorsReader reader, boolean acceptUnchecked) throws IOException {
        this.reader = reader;
        this.sequence = acceptUnchecked && !reader.hasChecksum() ? reader.inSequenceUnchecked() : reader.inSequence();
    }

    /** Fills all destinations. @param destinations by the names of tensors in the file; others are passed over */
    void readInto(Map<String, Destination> destinations) throws IOException {
        for (String name : reader.names()) {
            Destination destination = destinations.get(name);
            if (destination == null) {
                sequence.skip(reader.bytes(name));
                continue;
            }
            requireShape(name, destination.shape());
            if (destination.slab() == Slab.VALUES
                    && destination.shape().length > 0
                    && reader.type(name) == ElementType.F32) {
                readRows(name, destination);
            } else {
                readWhole(name, destination);
            }
        }
        sequence.verify();
    }

    private void readRows(String name, Destination destination) throws IOException {
        int rows = destination.shape()[0];
        int rowBytes = reader.bytes(name) / rows;
        int most = Math.min(rows, Math.max(1, ELEMENTS_AT_ONCE * Float.BYTES / rowBytes));
        if (bytes.capacity() < most * rowBytes) {
            bytes = ByteBuffer.allocateDirect(most * rowBytes).order(ByteOrder.LITTLE_ENDIAN);
        }
        for (int row = 0; row < rows; row += most) {
            int count = Math.min(most, rows - row);
            sequence.read(bytes.clear().limit(count * rowBytes));
            if (!destination.store().importReferenceRows(destination.entry(), row, count, bytes)) {
                requireFinite(name, bytes.asFloatBuffer());
            }
        }
    }

    private void readWhole(String name, Destination destination) throws IOException {
        ByteBuffer data = ByteBuffer.allocate(reader.bytes(name));
        sequence.read(data);
        float[] values = new HostTensor(reader.type(name), destination.shape(), data).toFloats();
        requireFinite(name, FloatBuffer.wrap(values));
        destination.store().importReference(destination.slab(), destination.entry(), values);
    }

    private void requireShape(String name, int[] shape) throws IOException {
        if (!Arrays.equals(reader.shape(name), shape)) {
            throw new InvalidInputException(
                    reader.file() + " is of another architecture than its own description: tensor " + name + " is "
                            + Arrays.toString(reader.shape(name)) + ", not " + Arrays.toString(shape)
                            + "; use the file as train wrote it");
        }
    }

    private void requireFinite(String name, FloatBuffer values) {
        while (values.hasRemaining()) {
            float value = values.get();
            if (!Float.isFinite(value)) {
                throw new InvalidInputException(reader.file() + " is damaged: tensor " + name + " holds " + value
                        + "; use an earlier checkpoint or train again");
            }
        }
    }
}
