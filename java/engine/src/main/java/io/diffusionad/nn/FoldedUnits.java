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
 * Convolutions with their batch normalisation folded in, for evaluation mode: {@code w' = w·γ/√(var+eps)}, {@code b' = (b-mean)·γ/√(var+eps)+β} per
 * output channel, the factors computed in float64. Made on first use and remade when the parameters' version has changed. The original of a convolution that may be released
 * is, and its folded form may be.
 */
final class FoldedUnits implements AutoCloseable {
    /** What replaces a unit's parameters. */
    record Folded(
            Weight weight, // (K, 3, 3, C)
            Tensor bias) { // (K)
    }

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
                Weight original = each.convolution().weight().weight();
                folded.put(each, new Folded(new Weight(original.name() + " folded", arena.float32(original.value().dims())),
                        arena.float32(each.outputs())));
            }
            foldedVersion = parameters.version() - 1;
        }
        if (foldedVersion != parameters.version()) {
            units.forEach(this::fold);
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

    private void fold(ConvolutionUnit unit) {
        Tensor weight = unit.convolution().weight().value();
        float[] bias = values(unit.convolution().bias());
        float[] scale = values(unit.norm().scale());
        float[] shift = values(unit.norm().shift());
        float[] mean = values(unit.norm().runningMean());
        float[] variance = values(unit.norm().runningVariance());
        Folded target = folded.get(unit);
        device.ops().fill(target.weight.value(), 0f);
        for (int k = 0; k < bias.length; k++) {
            double factor = scale[k] / Math.sqrt((double) variance[k] + BatchNorm.EPS);
            bias[k] = (float) ((bias[k] - (double) mean[k]) * factor + shift[k]);
            device.ops().addScaled(target.weight.value().slice(k, k + 1), weight.slice(k, k + 1), (float) factor);
        }
        Transfers.upload(device, target.bias, bias);
        target.weight.changed();
        Weight original = unit.convolution().weight().weight();
        if (original.isReleasable()) {
            original.release();
            target.weight.allowRelease();
        }
    }

    private float[] values(Parameter parameter) {
        return Transfers.toFloats(device, parameter.value());
    }
}
