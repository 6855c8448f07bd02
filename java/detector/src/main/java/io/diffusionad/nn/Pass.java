package io.diffusionad.nn;

import io.diffusionad.device.Device;
import io.diffusionad.device.Transfers;
import io.diffusionad.ops.Ops;
import io.diffusionad.ops.Quantization;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BiConsumer;

/**
 * One forward pass through a network and, when it saves, the backward pass that mirrors it. It carries the device's
 * operations, the memory, the type of activations, and a last-in-first-out stack of what each layer saved. Cheap to
 * create: one a call. Not thread-safe.
 *
 * <p>Memory: a saving pass keeps every tensor of the forward pass in the workspace's main arena, where the caller
 * releases them after the backward pass. A pass that does not save releases a layer's temporaries when the layer is
 * done and lets activations flow between two small arenas.
 */
public final class Pass {
    private record Entry(Object layer, Record saved) {}

    private final Ops ops;
    private final Workspace workspace;
    private final DType activationType;
    private final boolean saving;
    private final Deque<Entry> saved = new ArrayDeque<>();
    private BiConsumer<String, Tensor> probe = (name, tensor) -> {};
    private ActivationRanges int8Ranges;
    private RangeRecorder recorder;
    private Arena flow;

    private Pass(Ops ops, Workspace workspace, DType activationType, boolean saving) {
        if (activationType != DType.FLOAT32 && activationType != DType.BFLOAT16) {
            throw new IllegalArgumentException("activations are float32 or bfloat16, not " + activationType);
        }
        this.ops = ops;
        this.workspace = workspace;
        this.activationType = activationType;
        this.saving = saving;
        this.flow = workspace.ping();
    }

    /** A forward pass that saves nothing. */
    public static Pass inference(Ops ops, Workspace workspace, DType activationType) {
        return new Pass(ops, workspace, activationType, false);
    }

    /** A forward pass that saves what its backward pass needs. */
    public static Pass training(Ops ops, Workspace workspace, DType activationType) {
        return new Pass(ops, workspace, activationType, true);
    }

    /**
     * Shows {@code listener} the output of each block ({@code down.3}, {@code middle}, {@code up.0},
     * {@code time_embedding}) of a forward pass; the tensor is valid during the call only.
     */
    public Pass withProbe(BiConsumer<String, Tensor> listener) {
        probe = listener;
        return this;
    }

    /**
     * Lets the convolutions that have a range run in int8 where that saves time ({@link Device#gainsFromInt8}); only
     * for inference on a device that can ({@link Device#computesInt8}). Activations between them keep their type.
     *
     * @param ranges of the network's layers, or null for none in int8
     */
    public Pass withInt8(ActivationRanges ranges) {
        if (saving && ranges != null) {
            throw new IllegalArgumentException("a pass that saves cannot run in int8, which has no backward pass");
        }
        int8Ranges = ranges;
        return this;
    }

    /** Measures what {@link #withInt8} needs. */
    public Pass measuringRanges(RangeRecorder listener) {
        recorder = listener;
        return this;
    }

    public Ops ops() {
        return ops;
    }

    public Device device() {
        return workspace.device();
    }

    /** The workspace's main arena, for the caller's inputs and results. */
    public Arena arena() {
        return workspace.main();
    }

    /** FLOAT32, or BFLOAT16 for mixed precision: parameters, statistics, and the images at both ends stay float32. */
    public DType activationType() {
        return activationType;
    }

    public boolean saving() {
        return saving;
    }

    /** An activation in the main arena. */
    public Tensor tensor(int... dims) {
        return workspace.main().tensor(activationType, dims);
    }

    public Tensor float32(int... dims) {
        return workspace.main().float32(dims);
    }

    public Tensor uint8(int... dims) {
        return workspace.main().tensor(DType.UINT8, dims);
    }

    /** Small float32 inputs, such as coefficients, copied to the main arena. */
    public Tensor upload(int[] dims, float[] values) {
        Tensor tensor = float32(dims);
        Transfers.upload(device(), tensor, values);
        return tensor;
    }

    /** Small int64 inputs, such as timesteps, copied to the main arena as (N). */
    public Tensor upload(long... values) {
        Tensor tensor = workspace.main().tensor(DType.INT64, values.length);
        Transfers.upload(device(), tensor, values);
        return tensor;
    }

    /** Names the layer to which the following operations belong, for profiles. */
    void label(String layer) {
        ops.layer(layer);
    }

    /**
     * How the input of a convolution is to be quantised, or null where it keeps its type.
     *
     * @param layer prefix of the convolution's parameter names
     * @param y its result
     * @param inputs its input channels
     */
    Quantization quantization(String layer, Tensor y, int inputs) {
        if (int8Ranges == null) {
            return null;
        }
        Quantization quantization = int8Ranges.quantization(layer);
        return gainsFromInt8(3, y, inputs) ? quantization : null;
    }

    /** Whether a convolution of kernel 1 with result y is to round its inputs to 8 bits. */
    boolean rounds(Tensor y, int inputs) {
        return int8Ranges != null && gainsFromInt8(1, y, inputs);
    }

    private boolean gainsFromInt8(int kernel, Tensor y, int inputs) {
        return device().gainsFromInt8(activationType, kernel, y.dim(1), y.dim(2), inputs, y.dim(3));
    }

    /** Shows the input of a convolution that may run in int8 to whoever measures ranges. */
    void seeInput(String layer, Tensor input) {
        if (recorder != null) {
            recorder.see(device(), layer, input);
        }
    }

    void probe(String block, Tensor output) {
        probe.accept(block, output);
    }

    /** What is allocated in the main arena inside the scope is released at its end, unless the pass saves. */
    Arena.Scope temporaries() {
        return saving ? () -> {} : workspace.main().scope();
    }

    /**
     * An activation that the next layer reads and nobody after it: in the main arena when saving, else in a flow arena.
     */
    Tensor output(int... dims) {
        return saving ? tensor(dims) : flow(dims);
    }

    /** An activation or a gradient in the flow arena that does not hold the tensor last named to {@link #keep}. */
    Tensor flow(int... dims) {
        return flow.tensor(activationType, dims);
    }

    /** Makes room in the flow arenas, while they have none, for activations of so many elements. */
    void reserveFlow(long elements) {
        workspace.ping().reserve(elements * activationType.bytes());
        workspace.pong().reserve(elements * activationType.bytes());
    }

    Tensor flowFloat32(int... dims) {
        return flow.float32(dims);
    }

    /** Temporaries of one layer's backward pass, above its results in the flow arena. */
    Arena.Scope scratch() {
        return flow.scope();
    }

    /**
     * Ends a layer: of what lies in the flow arenas only {@code current} (and what lies below it in its arena) is still
     * needed.
     */
    void keep(Tensor current) {
        if (current.owner() == workspace.ping()) {
            flow = workspace.pong();
            workspace.pong().release(0);
        } else if (current.owner() == workspace.pong()) {
            flow = workspace.ping();
            workspace.ping().release(0);
        } else {
            workspace.ping().release(0);
            workspace.pong().release(0);
        }
    }

    /** Remembers a layer's record for its backward pass; nothing when the pass does not save. */
    void save(Object layer, Record record) {
        if (saving) {
            saved.push(new Entry(layer, record));
        }
    }

    /**
     * Takes back the record that {@code layer} saved last.
     *
     * @throws IllegalStateException when layers do not run backward in the mirrored order, or the pass did not save
     */
    <S extends Record> S restore(Object layer, Class<S> type) {
        Entry entry = saved.poll();
        if (entry == null || entry.layer() != layer) {
            throw new IllegalStateException("backward out of order at "
                    + layer.getClass().getSimpleName() + ": "
                    + (entry == null
                            ? "nothing is saved"
                            : "the last to save was " + entry.layer().getClass().getSimpleName()));
        }
        return type.cast(entry.saved());
    }
}
