package io.diffusionad.nn;

import io.diffusionad.device.Device;
import io.diffusionad.device.Transfers;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Convolutions with their batch normalisation folded in, for evaluation mode: {@code w' = w·γ/√(var+eps)}, {@code b' =
 * (b-mean)·γ/√(var+eps)+β} per output channel, the factors computed in float64. Made on first use and remade when the
 * parameters' version has changed. The folded form of a convolution that may be released takes the original's place in
 * memory, and may be released in turn.
 */
final class FoldedUnits implements AutoCloseable {
    /** What replaces a unit's parameters. */
    record Folded(
            Weight weight, // (K, 3, 3, C)
            Tensor bias, // (K)
            boolean inPlace) { // of the original weight
    }

    private static final int FILTERS_AT_A_TIME = 16; // of up to 37 KB each: they stay in a cache

    private final Device device;
    private final ParameterStore parameters;
    private final Map<ConvolutionUnit, Folded> folded = new IdentityHashMap<>();
    private final List<ConvolutionUnit> units;
    private Arena arena;
    private long foldedVersion;

    /** @param units all units of the network */
    FoldedUnits(Device device, ParameterStore parameters, List<ConvolutionUnit> units) {
        this.device = device;
        this.parameters = parameters;
        this.units = units;
    }

    Folded of(ConvolutionUnit unit) {
        if (arena == null) {
            arena = device.newArena("folded convolutions");
            for (ConvolutionUnit each : units) {
                Weight original = original(each);
                boolean inPlace = original.isReleasable();
                Tensor place = inPlace
                        ? original.value().reshape(original.value().dims())
                        : arena.float32(original.value().dims());
                folded.put(
                        each,
                        new Folded(
                                new Weight(original.name() + " folded", place),
                                arena.float32(each.outputs()),
                                inPlace));
            }
            foldedVersion = parameters.version() - 1;
        }
        if (foldedVersion != parameters.version()) {
            try (Arena scratch = device.newArena("folding")) {
                units.forEach(each -> fold(each, scratch));
            }
            foldedVersion = parameters.version();
        }
        return folded.get(unit);
    }

    @Override
    public void close() {
        if (arena != null) {
            arena.close();
        }
    }

    private static Weight original(ConvolutionUnit unit) {
        return unit.convolution().weight().weight();
    }

    private void fold(ConvolutionUnit unit, Arena scratch) {
        Weight original = original(unit);
        Folded target = folded.get(unit);
        if (original.isReleased()) { // by this method, once
            if (target.weight.version() == 0) {
                throw new IllegalStateException("folding batch norm into " + original.name()
                        + " failed half-way before: load the checkpoint again");
            }
            return;
        }
        float[] bias = values(unit.convolution().bias());
        float[] scale = values(unit.norm().scale());
        float[] shift = values(unit.norm().shift());
        float[] mean = values(unit.norm().runningMean());
        float[] variance = values(unit.norm().runningVariance());
        Tensor place = target.weight.value();
        Tensor values = original.value().reshape(place.dims());
        if (target.inPlace) {
            original.handOver();
        }
        for (int from = 0; from < bias.length; from += FILTERS_AT_A_TIME) {
            int to = Math.min(from + FILTERS_AT_A_TIME, bias.length);
            try (Arena.Scope scope = scratch.scope()) {
                Tensor filters = scratch.float32(values.slice(from, to).dims());
                device.ops().copy(filters, values.slice(from, to));
                device.ops().fill(place.slice(from, to), 0f);
                for (int k = from; k < to; k++) {
                    double factor = scale[k] / Math.sqrt((double) variance[k] + BatchNorm.EPS);
                    bias[k] = (float) ((bias[k] - (double) mean[k]) * factor + shift[k]);
                    device.ops()
                            .addScaled(place.slice(k, k + 1), filters.slice(k - from, k - from + 1), (float) factor);
                }
            }
        }
        Transfers.upload(device, target.bias, bias);
        target.weight.changed();
        if (target.inPlace) {
            target.weight.allowRelease();
        }
    }

    private float[] values(Parameter parameter) {
        return Transfers.toFloats(device, parameter.value());
    }
}
