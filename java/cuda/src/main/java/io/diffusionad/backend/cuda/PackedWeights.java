package io.diffusionad.backend.cuda;

import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Copies of convolution weights in the layout and type that kernels read. A copy is remade, in place, when its weight's
 * version has changed, and freed with the arena that owns the weight.
 */
final class PackedWeights implements AutoCloseable {
    private static final int PACK_TILE = 32;

    /** What a copy looks like; c and k are the input channels it covers and the output channels. */
    enum Layout {
        /** (k, taps, c) in bfloat16. */
        FORWARD_BF16(DType.BFLOAT16),
        /** (c, taps reversed, k) in bfloat16: the weight of the gradient by the input. */
        BACKWARD_BF16(DType.BFLOAT16),
        /** (c, taps reversed, k) in float32. */
        BACKWARD_F32(DType.FLOAT32);

        private final DType dtype;

        Layout(DType dtype) {
            this.dtype = dtype;
        }
    }

    private record Key(Layout layout, int offset, int channels) {}

    private static final class Copy {
        private final long address;
        private final long bytes;
        private long version = -1;

        Copy(long address, long bytes) {
            this.address = address;
            this.bytes = bytes;
        }
    }

    /** A copy that recorded operations read, for {@link #refresh}. */
    record Use(Weight weight, Layout layout, int offset, int channels) {}

    private final CudaMemory memory;
    private final Launch launch;
    private final Map<Weight, Map<Key, Copy>> copies = new IdentityHashMap<>();
    private final Set<Arena> watched = new HashSet<>();
    private List<Use> uses;

    PackedWeights(CudaMemory memory, Launch launch) {
        this.memory = memory;
        this.launch = launch;
    }

    /** Address of the up-to-date copy of input channels {@code offset … offset + channels} of a (K, R, S, C) weight. */
    long address(Weight weight, Layout layout, int offset, int channels) {
        if (uses != null) {
            uses.add(new Use(weight, layout, offset, channels));
        }
        Copy copy = copies.computeIfAbsent(weight, w -> new HashMap<>())
                .computeIfAbsent(new Key(layout, offset, channels), key -> allocate(weight, layout, channels));
        long version = weight.version();
        if (copy.version != version) {
            pack(weight.value(), layout, offset, channels, copy);
            copy.version = version;
        }
        return copy.address;
    }

    /** Starts to note which copies are read. */
    void noteUses() {
        uses = new ArrayList<>();
    }

    /** The copies read since {@link #noteUses()}; stops noting. */
    List<Use> takeUses() {
        List<Use> noted = uses;
        uses = null;
        return noted;
    }

    /** Brings copies up to date where they lie, before recorded operations read them again. */
    void refresh(List<Use> noted) {
        for (Use use : noted) {
            address(use.weight(), use.layout(), use.offset(), use.channels());
        }
    }

    private Copy allocate(Weight weight, Layout layout, int channels) {
        Tensor value = weight.value();
        long bytes = value.elements() / value.dim(3) * channels * layout.dtype.bytes();
        Arena owner = value.owner();
        if (watched.add(owner)) {
            owner.onClose(() -> forget(owner));
        }
        return new Copy(memory.allocate(bytes), bytes);
    }

    private void forget(Arena owner) {
        watched.remove(owner);
        copies.entrySet().removeIf(entry -> {
            if (entry.getKey().value().owner() != owner) {
                return false;
            }
            entry.getValue().values().forEach(copy -> memory.free(copy.address, copy.bytes));
            return true;
        });
    }

    private void pack(Tensor w, Layout layout, int offset, int channels, Copy copy) {
        int k = w.dim(0);
        int taps = w.dim(1) * w.dim(2);
        switch (layout) {
            case FORWARD_BF16 ->
                arguments("conv_pack_forward_bf16", w, offset, channels, copy).over((long) k * taps * channels, 256);
            case BACKWARD_BF16 ->
                arguments("conv_pack_backward_bf16", w, offset, channels, copy)
                        .grid(tiles(channels), tiles(k), taps, 256, 0);
            case BACKWARD_F32 ->
                arguments("conv_pack_backward_f32", w, offset, channels, copy)
                        .grid(tiles(channels), tiles(k), taps, 256, 0);
        }
    }

    private Launch arguments(String kernel, Tensor w, int offset, int channels, Copy copy) {
        return launch.kernel(kernel)
                .pointer(copy.address)
                .pointer(w)
                .i32(w.dim(0), w.dim(1) * w.dim(2), channels, w.dim(3), offset);
    }

    private static int tiles(int size) {
        return (size + PACK_TILE - 1) / PACK_TILE;
    }

    @Override
    public void close() {
        copies.values().forEach(of -> of.values().forEach(copy -> memory.free(copy.address, copy.bytes)));
        copies.clear();
    }
}
