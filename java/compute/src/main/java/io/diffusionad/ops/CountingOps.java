package io.diffusionad.ops;

import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Runs nothing: counts calls, FLOP and bytes. Shapes and types are checked. */
public final class CountingOps extends DescribedOps {
    private enum PackedFor {
        FORWARD,
        INT8,
        BACKWARD
    }

    /** A convolution weight as one kind of operation wants it packed. */
    private record PackedWeight(long address, PackedFor use) {}

    private final OperationProfile profile = new OperationProfile();
    private final Map<PackedWeight, Long> packed = new HashMap<>();
    private String layer = "";

    public OperationProfile profile() {
        return profile;
    }

    /**
     * The copies that backends keep of the convolution weights used so far: one a direction, in the activations' type,
     * and one of 8 bits where int8 reads it.
     */
    public long packedWeightBytes() {
        return packed.values().stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public void conv2dForward(Tensor y, Tensor x, Weight w, Epilogue epilogue, Conv2d geometry) {
        super.conv2dForward(y, x, w, epilogue, geometry);
        packed.put(
                new PackedWeight(w.value().address(), PackedFor.FORWARD),
                w.value().elements() * x.dtype().bytes());
    }

    @Override
    public void conv2dForwardQuantized(
            Tensor y, Tensor x, Quantization quantization, Weight w, Epilogue epilogue, Conv2d geometry) {
        super.conv2dForwardQuantized(y, x, quantization, w, epilogue, geometry);
        packed.put(
                new PackedWeight(w.value().address(), PackedFor.INT8), w.value().elements());
    }

    @Override
    public void conv2dBackwardData(Tensor dx, Tensor dy, Weight w, Conv2d geometry, boolean accumulate) {
        super.conv2dBackwardData(dx, dy, w, geometry, accumulate);
        packed.put(
                new PackedWeight(w.value().address(), PackedFor.BACKWARD),
                w.value().elements() * dy.dtype().bytes());
    }

    @Override
    public void layer(String name) {
        layer = name;
    }

    @Override
    protected void perform(OperationCall call, Consumer<Ops> action) {
        profile.add(layer, call, 0);
    }
}
