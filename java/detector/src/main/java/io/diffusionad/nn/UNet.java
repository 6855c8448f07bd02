package io.diffusionad.nn;

import io.diffusionad.device.Device;
import io.diffusionad.ops.Activation;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Resample;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The reconstruction network: predicts the noise in a noised image (SPEC §5; Dhariwal and Nichol 2021). Parameter
 * names, order and shapes are those of the reference's {@code state_dict}. Inputs may have any height and width that
 * are multiples of {@link UNetConfig#deepestFactor()}. Not thread-safe.
 */
public final class UNet {
    private static final int NETWORK_NUMBER = 0;
    private static final String WEIGHT = ".weight";

    private final UNetConfig config;
    private final ParameterStore parameters;
    private final TimeEmbedding timeEmbedding;
    private final Convolution stem;
    private final List<Stage> down;
    private final Stage middle;
    private final List<Stage> up;
    private final GroupNorm outputNorm;
    private final Convolution outputConvolution;

    private record SavedStem(Tensor x) { // (N, H, W, 3) float32
    }

    private record SavedOutput(
            Tensor h, // (N, H, W, C)
            GroupNorm.Statistics statistics,
            Tensor activated) { // (N, H, W, C)
    }

    private record Skip(Tensor tensor, long mark) { // of the main arena, before the tensor
    }

    /**
     * Allocates the parameters, all zero: follow with {@link ParameterStore#initialise} or an import.
     *
     * @param arena owns the parameters
     * @param trainable whether gradients and Adam's moments are allocated too (four times the memory)
     */
    public UNet(UNetConfig config, Device device, Arena arena, boolean trainable) {
        this.config = config;
        ParameterDeclarations declarations = new ParameterDeclarations();
        timeEmbedding = new TimeEmbedding(declarations, "time_embedding", config);
        stem = Convolution.declare(declarations, "down.0.0", config.inChannels(), config.baseChannels(), 3, 1);
        UNetTopology topology = new UNetTopology(declarations, config);
        down = topology.down();
        middle = topology.middle();
        up = topology.up();
        int channels = config.levelChannels(0);
        outputNorm = GroupNorm.declare(declarations, "out.0", channels, Activation.SILU, Resample.NONE);
        outputConvolution = Convolution.declare(
                declarations, "out.2", channels, config.inChannels(), Conv2d.of(3), Parameter.Start.ZERO);
        parameters = new ParameterStore(declarations, NETWORK_NUMBER, device, arena, trainable);
    }

    public UNetConfig config() {
        return config;
    }

    public ParameterStore parameters() {
        return parameters;
    }

    /** The convolutions that an int8 pass may compute in int8, as {@link ActivationRanges} names them. */
    public Set<String> int8Layers() {
        return parameters.names().stream()
                .filter(name -> name.endsWith(WEIGHT))
                .map(name -> name.substring(0, name.length() - WEIGHT.length()))
                .filter(layer -> layer.endsWith(ResidualBlock.INPUT_CONVOLUTION)
                        || layer.endsWith(ResidualBlock.OUTPUT_CONVOLUTION))
                .collect(Collectors.toSet());
    }

    /**
     * Predicts the noise.
     *
     * @param x noised images (N, H, W, 3) float32; a saving pass reads them again in {@link #backward}
     * @param t timesteps (N) int64
     * @return (N, H, W, 3) float32, in the pass's main arena
     * @throws IllegalArgumentException when the shapes do not fit the configuration
     */
    public Tensor forward(Pass pass, Tensor x, Tensor t) {
        requireInput(x, t);
        Tensor y = pass.float32(x.dims());
        try (var temporaries = pass.temporaries()) {
            Tensor time = pass.float32(x.dim(0), config.timeChannels());
            timeEmbedding.forward(pass, time, t);
            if (!pass.saving()) {
                pass.reserveFlow(largestFlow(x));
            }
            Deque<Skip> skips = new ArrayDeque<>();
            Tensor h = stemForward(pass, x, skips);
            for (Stage stage : down) {
                long mark = pass.arena().mark();
                h = stage.forward(pass, h, null, time, true);
                skips.push(new Skip(h, mark));
            }
            h = middle.forward(pass, h, null, time, false);
            for (Stage stage : up) {
                Skip skip = skips.pop();
                h = stage.forward(pass, h, skip.tensor, time, false);
                if (!pass.saving()) {
                    pass.arena().release(skip.mark);
                }
            }
            outputForward(pass, y, h);
        }
        pass.keep(y);
        return y;
    }

    /**
     * Adds the gradients of all parameters.
     *
     * @param dx gradient of the images, overwritten, or null when it is not wanted
     * @param dy gradient of the prediction (N, H, W, 3) float32
     */
    public void backward(Pass pass, Tensor dx, Tensor dy) {
        Tensor dtime = pass.float32(dy.dim(0), config.timeChannels());
        pass.ops().fill(dtime, 0f);
        Tensor dh = outputBackward(pass, dy);
        Deque<Tensor> dskips = new ArrayDeque<>();
        for (int i = up.size() - 1; i >= 0; i--) {
            dh = up.get(i).backward(pass, dh, dtime, dskips);
        }
        dh = middle.backward(pass, dh, dtime, dskips);
        for (int i = down.size() - 1; i >= 0; i--) {
            pass.ops().addScaled(dh, dskips.pop(), 1f);
            dh = down.get(i).backward(pass, dh, dtime, dskips);
        }
        pass.ops().addScaled(dh, dskips.pop(), 1f);
        stemBackward(pass, dx, dh);
        timeEmbedding.backward(pass, dtime);
        pass.keep(dtime);
    }

    /**
     * Elements of the largest activation that flows from layer to layer: what the down path writes is kept as skip
     * connections.
     */
    private long largestFlow(Tensor x) {
        int[] shape = {x.dim(0), x.dim(1), x.dim(2), config.baseChannels()};
        for (Stage stage : down) {
            shape = stage.outputShape(shape);
        }
        long largest = middle.largestOutput(shape);
        for (Stage stage : up) {
            largest = Math.max(largest, stage.largestOutput(shape));
            shape = stage.outputShape(shape);
        }
        return largest;
    }

    private Tensor stemForward(Pass pass, Tensor x, Deque<Skip> skips) {
        pass.label("down.0.0");
        long mark = pass.arena().mark();
        Tensor h = pass.tensor(x.dim(0), x.dim(1), x.dim(2), config.baseChannels());
        stem.forward(pass, h, x);
        pass.save(stem, new SavedStem(x));
        pass.probe("down.0", h);
        skips.push(new Skip(h, mark));
        return h;
    }

    private void stemBackward(Pass pass, Tensor dx, Tensor dh) {
        pass.label("down.0.0");
        SavedStem saved = pass.restore(stem, SavedStem.class);
        stem.backwardParameters(pass, dh, saved.x, null);
        if (dx != null) {
            stem.backwardData(pass, dx, dh);
        }
    }

    private void outputForward(Pass pass, Tensor y, Tensor h) {
        pass.label("out");
        Tensor activated = pass.tensor(h.dims());
        GroupNorm.Statistics statistics = outputNorm.forward(pass, activated, h, null);
        outputConvolution.forward(pass, y, activated);
        pass.save(outputNorm, new SavedOutput(h, statistics, activated));
    }

    private Tensor outputBackward(Pass pass, Tensor dy) {
        pass.label("out");
        SavedOutput saved = pass.restore(outputNorm, SavedOutput.class);
        Tensor dh = pass.flow(saved.h.dims());
        outputConvolution.backwardParameters(pass, dy, saved.activated, null);
        try (var scratch = pass.scratch()) {
            Tensor dactivated = pass.flow(saved.activated.dims());
            outputConvolution.backwardData(pass, dactivated, dy);
            outputNorm.backward(pass, dh, null, dactivated, saved.h, null, saved.statistics, false);
        }
        pass.keep(dh);
        return dh;
    }

    private void requireInput(Tensor x, Tensor t) {
        int factor = config.deepestFactor();
        if (x.rank() != 4
                || x.dtype() != DType.FLOAT32
                || x.dim(3) != config.inChannels()
                || x.dim(1) % factor != 0
                || x.dim(2) % factor != 0) {
            throw new IllegalArgumentException("the UNet reads float32[N,H,W," + config.inChannels()
                    + "] with H and W multiples of " + factor + ", not " + x);
        }
        if (t.dtype() != DType.INT64 || !Arrays.equals(t.dims(), new int[] {x.dim(0)})) {
            throw new IllegalArgumentException("the UNet reads one int64 timestep an image, not " + t + " for " + x);
        }
    }
}
