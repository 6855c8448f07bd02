package io.diffusionad.nn;

import io.diffusionad.device.Device;
import io.diffusionad.device.ReferenceOrder;
import io.diffusionad.device.Transfers;
import io.diffusionad.random.Philox;
import io.diffusionad.random.Purpose;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A network's parameters: one contiguous float32 slab for the trained values, and, when trainable, one each for
 * gradients and Adam's two moments, so that an optimiser step is one operation. Running statistics lie in a slab of
 * their own. Names, order and shapes towards the outside are those of the reference's {@code state_dict}; memory order
 * (KRSC) stays inside. Not thread-safe.
 */
public final class ParameterStore {
    /** Parameters start at multiples of this many elements, for vector loads; the padding between them stays zero. */
    private static final int ALIGNMENT_ELEMENTS = Arena.ALIGNMENT / DType.FLOAT32.bytes();

    /** The slabs over the trained parameters. */
    public enum Slab {
        VALUES,
        GRADIENTS,
        FIRST_MOMENTS,
        SECOND_MOMENTS
    }

    private final Device device;
    private final int network;
    private final Map<String, Parameter> parameters;
    private final Map<String, Long> offsets = new HashMap<>();
    private final Tensor[] slabs = new Tensor[Slab.values().length];
    private long batchesTracked;
    private long version;
    private boolean releasable;

    /**
     * @param network a number that sets the initial values of one network apart from another's under the same seed
     * @param arena owns the slabs; they live until it is closed
     */
    ParameterStore(ParameterDeclarations declarations, int network, Device device, Arena arena, boolean trainable) {
        this.device = device;
        this.network = network;
        this.parameters = declarations.parameters();
        long trained = layOut(true);
        long statistics = layOut(false);
        for (Slab slab : trainable ? Slab.values() : new Slab[] {Slab.VALUES}) {
            slabs[slab.ordinal()] = zeroed(arena, trained);
        }
        Tensor statisticsSlab = statistics == 0 ? null : zeroed(arena, statistics);
        for (Parameter parameter : parameters.values()) {
            if (isBatchCounter(parameter)) {
                continue;
            }
            long offset = offsets.get(parameter.name());
            int[] shape = parameter.memoryShape();
            Tensor value = (parameter.trainable() ? slab(Slab.VALUES) : statisticsSlab).view(offset, shape);
            parameter.bind(
                    value,
                    trainable && parameter.trainable() ? slab(Slab.GRADIENTS).view(offset, shape) : null);
        }
    }

    /** Every entry, statistics included, in the reference's order. */
    public List<String> names() {
        return List.copyOf(parameters.keySet());
    }

    /** The entries that Adam moves, in the reference's order. */
    public List<String> trainableNames() {
        return parameters.values().stream()
                .filter(Parameter::trainable)
                .map(Parameter::name)
                .toList();
    }

    public Parameter parameter(String name) {
        Parameter parameter = parameters.get(name);
        if (parameter == null) {
            throw new IllegalArgumentException("the network has no parameter " + name);
        }
        return parameter;
    }

    /** Shape in checkpoints; empty for {@code num_batches_tracked}. */
    public int[] referenceShape(String name) {
        return parameter(name).referenceShape();
    }

    /** Whether the entry is an integer scalar ({@code num_batches_tracked}), which checkpoints hold as int64. */
    public boolean isBatchCounter(String name) {
        return isBatchCounter(parameter(name));
    }

    public Weight weight(String name) {
        return parameter(name).weight();
    }

    public Tensor gradient(String name) {
        return parameter(name).gradient();
    }

    /** Values of the trained parameters without padding: what "parameters" means when networks are compared. */
    public long parameterCount() {
        return parameters.values().stream()
                .filter(Parameter::trainable)
                .mapToLong(Parameter::elements)
                .sum();
    }

    /**
     * A whole slab, padding included.
     *
     * @throws IllegalStateException when the network has none, or its values may be released
     */
    public Tensor slab(Slab slab) {
        if (slab == Slab.VALUES && releasable) {
            throw new IllegalStateException(
                    "the network gave its values up for detection: load the checkpoint again to read them");
        }
        Tensor tensor = slabs[slab.ordinal()];
        if (tensor == null) {
            throw new IllegalStateException("the network was built for inference and has no "
                    + slab.name().toLowerCase(java.util.Locale.ROOT));
        }
        return tensor;
    }

    public boolean trainable() {
        return slabs[Slab.GRADIENTS.ordinal()] != null;
    }

    /** The entry's values in reference order (OIHW). */
    public float[] exportReference(String name) {
        return isBatchCounter(name)
                ? new float[] {batchesTracked}
                : export(parameter(name).value());
    }

    /** Gradients or moments of a trained parameter in reference order. */
    public float[] exportReference(Slab slab, String name) {
        return export(viewIn(slab, name));
    }

    /**
     * Overwrites an entry with values in reference order.
     *
     * @throws IllegalArgumentException when the count is not the entry's
     */
    public void importReference(String name, float[] values) {
        Parameter parameter = parameter(name);
        requireCount(parameter, values);
        if (isBatchCounter(parameter)) {
            batchesTracked = (long) values[0];
            return;
        }
        upload(parameter.value(), values);
        parameter.weight().changed();
        version++;
    }

    /**
     * Overwrites some rows along the first dimension of an entry: what a large tensor is read by, piece by piece.
     *
     * @param reference the rows in reference order, as {@link Device#uploadReference} takes them
     * @return whether every value is finite
     * @throws IllegalArgumentException when the entry has no such rows
     */
    public boolean importReferenceRows(String name, int firstRow, int rows, ByteBuffer reference) {
        Parameter parameter = parameter(name);
        boolean finite = device.uploadReference(parameter.value().slice(firstRow, firstRow + rows), reference);
        parameter.weight().changed();
        version++;
        return finite;
    }

    /** Overwrites gradients or moments of a trained parameter with values in reference order. */
    public void importReference(Slab slab, String name, float[] values) {
        if (slab == Slab.VALUES) {
            importReference(name, values);
            return;
        }
        requireCount(parameter(name), values);
        upload(viewIn(slab, name), values);
    }

    /**
     * Fills every entry with its starting value as a pure function of the seed and the entry's position (SPEC §5,
     * Philox).
     */
    public void initialise(long seed) {
        int position = 0;
        for (Parameter parameter : parameters.values()) {
            float[] values = new float[parameter.elements()];
            switch (parameter.start()) {
                case UNIFORM ->
                    fillUniform(values, seed, ((long) network << 32) + position, 1.0 / Math.sqrt(parameter.fanIn()));
                case ONE -> Arrays.fill(values, 1f);
                case ZERO -> {}
            }
            importReference(parameter.name(), values);
            position++;
        }
    }

    /** Sets all gradients to zero. */
    public void zeroGradients() {
        device.ops().fill(slab(Slab.GRADIENTS), 0f);
    }

    /**
     * To be called after values were written through {@link #slab}: what backends and layers derived from them is
     * remade.
     */
    public void changed() {
        parameters.values().stream().filter(p -> !isBatchCounter(p)).forEach(p -> p.weight()
                .changed());
        version++;
    }

    /**
     * Gives the values up: from here on the network is only run forward on images of its size, in one type of
     * activations, and the device may release the memory of every weight that it holds in a form of its own. Reading,
     * exporting or changing a released weight throws {@link IllegalStateException}.
     *
     * @throws IllegalStateException for a trainable network, whose optimiser needs them
     */
    public void allowRelease() {
        if (trainable()) {
            throw new IllegalStateException("a network in training keeps its values");
        }
        releasable = true;
        parameters.values().stream().filter(p -> !isBatchCounter(p)).forEach(p -> p.weight()
                .allowRelease());
    }

    /** Grows with every change of any value. */
    public long version() {
        return version;
    }

    /** Called once a training batch by networks with batch normalisation, after their running statistics moved. */
    void countBatch() {
        batchesTracked++;
        version++;
    }

    Device device() {
        return device;
    }

    private long layOut(boolean trained) {
        long next = 0;
        for (Parameter parameter : parameters.values()) {
            if (parameter.trainable() == trained && !isBatchCounter(parameter)) {
                offsets.put(parameter.name(), next);
                next += (parameter.elements() + ALIGNMENT_ELEMENTS - 1L) / ALIGNMENT_ELEMENTS * ALIGNMENT_ELEMENTS;
            }
        }
        return next;
    }

    private Tensor viewIn(Slab slab, String name) {
        Parameter parameter = parameter(name);
        if (!parameter.trainable()) {
            throw new IllegalArgumentException(
                    name + " is a statistic: it has no " + slab.name().toLowerCase(java.util.Locale.ROOT));
        }
        return slab(slab).view(offsets.get(name), parameter.memoryShape());
    }

    private void upload(Tensor memory, float[] reference) {
        Transfers.upload(device, memory, ReferenceOrder.of(memory).toMemory(reference));
    }

    private float[] export(Tensor memory) {
        return ReferenceOrder.of(memory).toReference(Transfers.toFloats(device, memory));
    }

    private Tensor zeroed(Arena arena, long elements) {
        Tensor tensor = arena.float32(Math.toIntExact(elements));
        device.ops().fill(tensor, 0f);
        return tensor;
    }

    private static boolean isBatchCounter(Parameter parameter) {
        return parameter.referenceShape().length == 0;
    }

    private static void requireCount(Parameter parameter, float[] values) {
        if (values.length != parameter.elements()) {
            throw new IllegalArgumentException(
                    "parameter " + parameter.name() + " has shape " + Arrays.toString(parameter.referenceShape())
                            + ", which is " + parameter.elements() + " values, not " + values.length);
        }
    }

    private static void fillUniform(float[] values, long seed, long stream, double bound) {
        int[] words = new int[4];
        for (int i = 0; i < values.length; i++) {
            if (i % 4 == 0) {
                Philox.block(words, seed, Purpose.INIT.code(), stream, i / 4);
            }
            values[i] = (float) ((2.0 * Philox.uniform(words[i % 4]) - 1.0) * bound);
        }
    }
}
