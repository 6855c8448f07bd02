package io.diffusionad.ops;

import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Runs nothing: counts calls, FLOP and bytes. Shapes and types are checked. */
public final class CountingOps extends DescribedOps {
    /** A convolution weight as one direction wants it packed. */
    private record PackedWeight(long address, boolean forward) { }

    private final OperationProfile profile = new OperationProfile();
    private final Map<PackedWeight, Long> packed = new HashMap<>();
    private String layer = "";

    public OperationProfile profile() {
        return profile;
    }

    /** The copies that backends keep of the convolution weights used so far: one a direction, in the activations' type. */
    public long packedWeightBytes() {
        return packed.values().stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public void conv2dForward(Tensor y, Tensor x, Weight w, Epilogue epilogue, Conv2d geometry) {
        super.conv2dForward(y, x, w, epilogue, geometry);
        packed.put(new PackedWeight(w.value().address(), true), w.value().elements() * x.dtype().bytes());
    }

    @Override
    public void conv2dBackwardData(Tensor dx, Tensor dy, Weight w, Conv2d geometry, boolean accumulate) {
        super.conv2dBackwardData(dx, dy, w, geometry, accumulate);
        packed.put(new PackedWeight(w.value().address(), false), w.value().elements() * dy.dtype().bytes());
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
